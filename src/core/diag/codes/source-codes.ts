export const sourceCodes = {
  'yaml-syntax': {
    severity: 'error',
    title: 'the text is not YAML',
    explanation:
      'The YAML reader stopped at the place shown. Nothing of that document was read; other documents and files were. Usual causes are a tab used for indentation, a missing space after a colon, or a quote that is never closed.',
  },
  'json-syntax': {
    severity: 'error',
    title: 'the text is not JSON',
    explanation:
      'The file begins like JSON and is neither JSON nor YAML. If it ends in the middle of an object, the command that wrote it was probably cut short: run it again and look at its exit code.',
  },
  'not-text': {
    severity: 'error',
    title: 'the file is not UTF-8 text',
    explanation:
      'Manifests are UTF-8. The file is UTF-16 (as Windows PowerShell writes it with >), compressed, binary, or in an old encoding such as Latin-1. Nothing of it was read; other files were.',
  },
  'helm-template': {
    severity: 'error',
    title: 'a Helm template that was not rendered',
    explanation:
      'The text contains Go template actions such as {{ .Values.name }}. Those are no manifests yet. Render the chart first: helm template RELEASE CHART | chainsmith compile -f -',
  },
  'no-objects': {
    severity: 'warning',
    title: 'nothing to read in a file',
    explanation:
      'The file is empty, or holds only comments. That is fine for a directory of manifests but is often a redirection that failed.',
  },
  'not-an-object': {
    severity: 'error',
    title: 'a document is no Kubernetes object',
    explanation:
      'A Kubernetes object is a mapping with apiVersion and kind. The document is something else (a list, a text, a mapping without kind, a List whose items are no list), so it was left out.',
  },
  'kind-passed-over': {
    severity: 'info',
    title: 'objects of kinds that shape no Service rules',
    explanation:
      'Only Service, EndpointSlice, Endpoints, Node and Pod objects shape the rules of kube-proxy. All others (Deployments, ConfigMaps, Ingresses ...) are passed over; the line counts them by kind.',
  },
  'unknown-kind': {
    severity: 'error',
    title: 'a kind that Kubernetes does not have',
    explanation:
      'Kinds are written exactly as Kubernetes writes them: Service, not service, SERVICE or Services. The API server refuses the object, and it was left out. The hint names the kind that was probably meant. Plans, and other files that chainsmith itself writes, are no objects of Kubernetes either; chainsmith apply FILE carries out a plan.',
  },
  'files-passed-over': {
    severity: 'info',
    title: 'files of a directory that hold no Kubernetes objects',
    explanation:
      'A directory of a repository often holds more than manifests: package.json, the values of a chart, workflows. Files in which nothing has an apiVersion or a kind were passed over. A file that is named itself with -f must hold objects.',
  },
  'broken-link': {
    severity: 'warning',
    title: 'a link in a directory that leads nowhere',
    explanation:
      'The directory given with -f holds a symbolic link with the name of a manifest, and what it points to is not there. It was passed over; if it stood for a manifest, the rules lack what that says.',
  },
  'nothing-to-compile': {
    severity: 'error',
    title: 'nothing was read that rules could be made of',
    explanation:
      'Nothing in the input is a Service, EndpointSlice, Endpoints, Node or Pod. No rules were printed, since rules for an empty cluster, loaded by the next command of a pipe, would take a node off the air. A cluster that is really empty is no empty input: kubectl get services,endpointslices,nodes -A -o json prints a List, and for that the fixed chains are printed.',
  },
  'unsupported-version': {
    severity: 'error',
    title: 'an API version that chainsmith does not read',
    explanation:
      'The kind is known but not in this API version. EndpointSlice is read as discovery.k8s.io/v1, the others as v1. Ask the API server for the current version: kubectl get endpointslices.v1.discovery.k8s.io -A -o json',
  },
  'nested-list': {
    severity: 'error',
    title: 'lists nested too deeply',
    explanation:
      'A kind: List may hold lists, as kubectl prints them, but not without end; a YAML alias that contains itself looks like that. The inner list was left out.',
  },
} as const;
