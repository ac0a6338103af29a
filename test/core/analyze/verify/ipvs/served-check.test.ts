// Virtual servers against the Service that they are for; what rules do on the way is tried in golden/verify and test/properties.
import assert from 'node:assert/strict';
import { serviceDocument, sliceDocument } from '../../../../support/builders.ts';
import { meantIpvs, verifyIpvs, type IpvsNode, type MeantIpvs } from '../../../../support/ipvs-verify.ts';
import { nodeObject } from '../../../../support/objects.ts';
import { CLUSTER_CIDR } from '../../../../support/compiled.ts';

const ENDPOINTS = { endpoints: [{ addresses: ['10.244.0.5'], nodeName: 'node-a' }, { addresses: ['10.244.1.5'] }] };

function meant(spec: Readonly<Record<string, unknown>> = {}, ipvs: Readonly<Record<string, unknown>> = {}): MeantIpvs {
  const documents = [nodeObject('node-a', 0, undefined), serviceDocument(spec), sliceDocument(ENDPOINTS)];
  return meantIpvs(documents, { config: { ...CLUSTER_CIDR, ipvs } })[0] ?? assert.fail();
}

/** `kind to endpoint` of each difference, for other lines of ipvsadm; `proved` where there is none. */
function judged(change: (servers: string) => string, of: MeantIpvs = meant()): readonly string[] {
  const node: IpvsNode = { ...of.node, servers: change(of.node.servers) };
  const { verdict, differences } = verifyIpvs(node, of);
  assert.notEqual(verdict, 'undecided');
  return verdict === 'proved' ? ['proved'] : differences.map(({ kind }) => kind).sort();
}

const ADD = '-a -t 10.96.0.10:80 -r';

describe('ServedCheck', () => {
  it('proves what is compiled, and what does the same', () => {
    assert.deepEqual(
      judged((servers) => servers),
      ['proved'],
    );
    assert.deepEqual(
      judged((servers) => servers.split('\n').toSorted().join('\n')),
      ['proved'],
    );
    // rr does not look at weights.
    assert.deepEqual(
      judged((servers) => servers.replace('10.244.1.5:8080 -m -w 1', '10.244.1.5:8080 -m -w 7')),
      ['proved'],
    );
  });

  it('misses endpoints, and those that take no new connections', () => {
    const line = `${ADD} 10.244.1.5:8080 -m -w 1\n`;
    assert.deepEqual(
      judged((servers) => servers.replace(line, '')),
      ['uneven-shares'],
    );
    assert.deepEqual(
      judged((servers) => servers.replace(line, line.replace('-w 1', '-w 0'))),
      ['uneven-shares'],
    );
  });

  it('sees what a virtual server for all ports does: it refuses all, or takes more than is asked for', () => {
    const all = (servers: string): string => servers.replaceAll(' 10.96.0.10:80 ', ' 10.96.0.10:0 ');
    assert.deepEqual(judged(all), ['refused']);
    const kept = (servers: string): string => all(servers).replace('10.96.0.10:0 -s rr', '10.96.0.10:0 -s rr -p 300');
    assert.deepEqual(judged(kept), ['affinity', 'not-refused', 'uneven-shares', 'wrong-endpoint']);
  });

  it('minds weights where the scheduler looks at them', () => {
    const weighted = meant({}, { scheduler: 'wrr' });
    assert.deepEqual(
      judged((servers) => servers.replace('10.244.1.5:8080 -m -w 1', '10.244.1.5:8080 -m -w 7'), weighted),
      ['uneven-shares'],
    );
  });

  it('finds real servers that are none of the Service, unless they only end what they have', () => {
    assert.deepEqual(
      judged((servers) => `${servers}${ADD} 10.244.1.9:8080 -m -w 1\n`),
      ['wrong-endpoint'],
    );
    assert.deepEqual(
      judged((servers) => `${servers}${ADD} 10.244.1.9:8080 -m -w 0\n`),
      ['proved'],
    );
  });

  it('finds another scheduler, and persistence that nobody asked for', () => {
    assert.deepEqual(
      judged((servers) => servers.replace('-s rr', '-s wlc')),
      ['scheduler'],
    );
    assert.deepEqual(
      judged((servers) => servers.replace('-s rr', '-s rr -p 300')),
      ['affinity'],
    );
    const sticky = meant({ sessionAffinity: 'ClientIP' });
    assert.match(sticky.node.servers, /-s rr -p 10800/);
    assert.deepEqual(
      judged((servers) => servers.replace(' -p 10800', ''), sticky),
      ['affinity'],
    );
  });

  it('finds that there is no virtual server, and one too many', () => {
    assert.deepEqual(
      judged(() => ''),
      ['not-delivered'],
    );
    const foreign = '-A -t 192.168.0.10:5000 -s rr\n-a -t 192.168.0.10:5000 -r 192.168.0.20:5000 -m -w 1\n';
    assert.deepEqual(
      judged((servers) => servers + foreign),
      ['no-service'],
    );
  });
});
