/** templates/report/services: a table of all service ports, and all about each. */
export const servicesShape = {
  summary: { kind: 'text', doc: 'how many service ports and endpoints' },
  note: { kind: 'text', doc: 'which are not drawn; empty if all are' },
  services: {
    kind: 'list',
    doc: 'the service ports',
    of: {
      id: { kind: 'text', doc: 'id of its rows, for links' },
      name: { kind: 'text', doc: '`namespace/name:port`' },
      source: { kind: 'text', doc: 'of which dump or family, if there are several; else empty' },
      traced: { kind: 'flag', doc: 'the packet of the trace is for it' },
      address: { kind: 'text', doc: '`address:port/protocol`' },
      endpoints: { kind: 'text', doc: 'how many endpoints, and their shares' },
      facts: { kind: 'list', doc: 'what is special', of: { text: { kind: 'text', doc: 'one of it' } } },
      severity: { kind: 'text', doc: 'of its worst finding; empty for none' },
      findingsCount: { kind: 'text', doc: 'how many findings, `(4)`; empty for none or one' },
      details: { kind: 'text', doc: 'what can be opened below it' },
      drawing: { kind: 'markup', doc: 'an SVG element; empty for none' },
      findings: {
        kind: 'list',
        doc: 'what lint found',
        of: {
          severity: { kind: 'text', doc: '`error`, `warning` or `info`' },
          code: { kind: 'text', doc: 'code of the lint rule' },
          message: { kind: 'text', doc: 'what is wrong' },
        },
      },
      properties: {
        kind: 'list',
        doc: 'policies, affinity, masquerading',
        of: {
          label: { kind: 'text', doc: 'which' },
          value: { kind: 'text', doc: 'how it is here' },
          lines: { kind: 'text', doc: 'lines in the dump; empty for none' },
        },
      },
      frontends: {
        kind: 'list',
        doc: 'its addresses',
        of: {
          text: { kind: 'text', doc: 'the kind and the address' },
          to: { kind: 'text', doc: 'where it leads' },
          masquerade: { kind: 'text', doc: 'whose packets get the address of the node' },
          notes: { kind: 'text', doc: 'what is to be said of it; empty for nothing' },
          lines: { kind: 'text', doc: 'its lines in the dump' },
        },
      },
      hasEndpoints: { kind: 'flag', doc: 'there are endpoints' },
      hasLocal: { kind: 'flag', doc: 'there are shares under the policy Local' },
      endpointRows: {
        kind: 'list',
        doc: 'the endpoints',
        of: {
          text: { kind: 'text', doc: '`address:port`' },
          share: {
            kind: 'text',
            doc: 'part of new connections under the policy Cluster, `1/3 (33.3 %)`; empty for none',
          },
          local: { kind: 'text', doc: 'the same under the policy Local' },
          chain: { kind: 'text', doc: 'its chain; empty for none' },
          lines: { kind: 'text', doc: 'its lines in the dump' },
          notes: { kind: 'text', doc: 'what is to be said of it; empty for nothing' },
        },
      },
      chains: {
        kind: 'list',
        doc: 'its chains, those of endpoints left out',
        of: {
          name: { kind: 'text', doc: 'name of the chain' },
          lines: { kind: 'text', doc: 'its lines in the dump' },
        },
      },
    },
  },
} as const;
