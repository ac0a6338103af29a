/**
 * Names as Kubernetes allows them (RFC 1123). These checks are what keeps input from breaking out of a rule: a namespace, a Service's
 * name and a port's name are the only texts of objects that reach a comment, and no allowed character means anything to iptables.
 */
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** Namespaces, Services and ports: at most 63 of a-z, 0-9 and "-", no "-" at an end. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && LABEL.test(text);
}

/** All other objects: at most 253 characters, "." allowed too. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && SUBDOMAIN.test(text);
}
