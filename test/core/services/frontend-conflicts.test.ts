import { strict as assert } from 'node:assert';
import type { Diagnostic } from '../../../src/core/diag/diagnostic.ts';
import { resolveFrontendConflicts } from '../../../src/core/services/frontend-conflicts.ts';
import type { ServicePort } from '../../../src/core/services/service-port.ts';
import { ip, servicePort } from '../../support/builders.ts';

const A = { serviceName: 'a', clusterIp: ip('10.96.0.1') };
const B = { serviceName: 'b', clusterIp: ip('10.96.0.2') };
const X = [ip('198.51.100.1')];

function resolve(...ports: readonly Partial<ServicePort>[]): {
  ports: readonly ServicePort[];
  messages: readonly string[];
} {
  const diagnostics: Diagnostic[] = [];
  const resolved = resolveFrontendConflicts(ports.map(servicePort), diagnostics);
  return { ports: resolved, messages: diagnostics.map((d) => `${d.code} ${d.subject?.name ?? ''}: ${d.message}`) };
}

describe('resolveFrontendConflicts', () => {
  it('changes nothing where nothing is shared', () => {
    const given = [servicePort({ ...A, externalIps: X }), servicePort({ ...B, loadBalancerIps: [ip('198.51.100.2')] })];
    const diagnostics: Diagnostic[] = [];
    const resolved = resolveFrontendConflicts(given, diagnostics);
    assert.ok(resolved.every((port, i) => port === given[i]));
    assert.deepEqual(diagnostics, []);
  });

  it('gives an external IP to the first', () => {
    const { ports, messages } = resolve({ ...A, externalIps: X }, { ...B, externalIps: X });
    assert.deepEqual(
      ports.map((p) => p.externalIps.length),
      [1, 0],
    );
    assert.deepEqual(messages, [
      'frontend-conflict b: external IP 198.51.100.1:80/TCP belongs to shop/a:http already; it is left out of shop/b:http',
    ]);
  });

  it('lets no external IP take over a load balancer IP, whatever the names', () => {
    const { ports, messages } = resolve({ ...A, externalIps: X }, { ...B, loadBalancerIps: X });
    assert.deepEqual(
      ports.map((p) => [p.externalIps.length, p.loadBalancerIps.length]),
      [
        [0, 0],
        [0, 1],
      ],
    );
    assert.deepEqual(messages, [
      'frontend-conflict a: external IP 198.51.100.1:80/TCP belongs to shop/b:http already as its load balancer IP; it is left out of shop/a:http',
    ]);
  });

  it('gives a nodePort to the first', () => {
    const { ports, messages } = resolve({ ...A, nodePort: 30080 }, { ...B, nodePort: 30080 });
    assert.deepEqual(
      ports.map((p) => p.nodePort),
      [30080, 0],
    );
    assert.match(messages[0] ?? '', /nodePort 30080\/TCP belongs/u);
  });

  it('lets no external IP take over a clusterIP, whoever comes first (CVE-2020-8554)', () => {
    const { ports } = resolve({ ...A, externalIps: [B.clusterIp] }, B);
    assert.deepEqual(
      ports.map((p) => p.externalIps.length),
      [0, 0],
    );
    assert.equal(ports.length, 2);
  });

  it('leaves out a port whose clusterIP is taken', () => {
    const { ports, messages } = resolve({ ...A, nodePort: 30080 }, { ...B, clusterIp: A.clusterIp, nodePort: 30081 });
    assert.deepEqual(
      ports.map((p) => p.serviceName),
      ['a'],
    );
    assert.match(messages[0] ?? '', /clusterIP 10\.96\.0\.1:80\/TCP belongs/u);
  });

  it('tells ports and protocols apart', () => {
    const { messages } = resolve(
      { ...A, externalIps: X, nodePort: 30080 },
      { ...B, externalIps: X, protocol: 'UDP', nodePort: 30080 },
      { ...B, externalIps: X, port: 81, nodePort: 30081 },
    );
    assert.deepEqual(messages, []);
  });

  it('lets one Service use an address twice', () => {
    assert.deepEqual(resolve({ ...A, externalIps: X, loadBalancerIps: X }).messages, []);
  });

  it('prints IPv6 addresses so that the port can be told', () => {
    const six = { externalIps: [ip('2001:db8::1')] };
    assert.match(resolve({ ...A, ...six }, { ...B, ...six }).messages[0] ?? '', /2001:db8::1 port 80\/TCP/u);
  });
});
