import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { splitSave } from '../../../../src/core/parse/iptables-save/split-save.ts';
import { kubeChainOwner } from '../../../../src/core/plan/cleanup/kube-chains.ts';
import { isKubeProxySet } from '../../../../src/core/plan/cleanup/kube-sets.ts';
import { goldenRoot } from '../../../support/golden-paths.ts';

const REFERENCE = join(goldenRoot, 'reference');

/** Files of that name below the recordings, by the path of the case. */
function recordings(name: string): readonly string[] {
  return readdirSync(REFERENCE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(`/${name}`))
    .map((path) => readFileSync(join(REFERENCE, path), 'utf8'));
}

describe('the names of kube-proxy', () => {
  it('are all chains that it was recorded to make, in iptables and in ipvs mode', () => {
    const texts = [...recordings('iptables.save'), ...recordings('ip6tables.save')];
    assert.ok(texts.length > 250, `${texts.length}`);
    const seen = new Set<string>();
    for (const text of texts) {
      for (const { name: table, chains } of splitSave(text).saved.tables) {
        for (const chain of chains.values()) if (chain.policy === '-') seen.add(`${table}/${chain.name}`);
      }
    }
    const others = [...seen].filter((key) => {
      const [table = '', chain = ''] = key.split('/');
      return kubeChainOwner(table, chain) !== 'kube-proxy';
    });
    assert.deepEqual(others, ['filter/KUBE-FIREWALL']);
    assert.ok(seen.has('filter/KUBE-IPVS-OUT-FILTER') && seen.has('mangle/KUBE-PROXY-CANARY'));
  });

  it('are all ipsets that it was recorded to make', () => {
    const sets = recordings('ipset.save').flatMap((text) =>
      [...text.matchAll(/^create (\S+)/gm)].map((m) => m[1] ?? ''),
    );
    assert.equal(new Set(sets).size, 34);
    assert.deepEqual(
      sets.filter((name) => !isKubeProxySet(name)),
      [],
    );
  });

  it('are not those of others', () => {
    const owners = {
      'filter/KUBE-ROUTER-INPUT': 'kube-router',
      'filter/KUBE-NWPLCY-ABC': 'kube-router',
      'filter/KUBE-POD-FW-ABC': 'kube-router',
      'nat/KUBE-HOSTPORTS': 'host-ports',
      'nat/KUBE-HP-ABC': 'host-ports',
      'nat/KUBE-KUBELET-CANARY': 'kubelet',
      'mangle/KUBE-IPTABLES-HINT': 'kubelet',
      'nat/KUBE-MARK-DROP': 'kubelet',
      'filter/KUBE-FIREWALL': 'shared',
      'filter/KUBE-SOMETHING': 'unknown',
      // Where kube-proxy never made one of that name.
      'raw/KUBE-SERVICES': 'unknown',
      'filter/KUBE-SVC-ABC': 'unknown',
    } as const;
    for (const [key, owner] of Object.entries(owners)) {
      const [table = '', chain = ''] = key.split('/');
      assert.equal(kubeChainOwner(table, chain), owner, key);
    }
    for (const chain of ['CNI-HOSTPORT-DNAT', 'DOCKER', 'cali-PREROUTING', 'kube-services', 'XKUBE-SERVICES']) {
      assert.equal(kubeChainOwner('nat', chain), undefined, chain);
    }
    for (const set of [
      'KUBE-SRC-VY6KNKQ4BF6Y4J2K',
      'KUBE-DST-KSECZGZUJPU4SKA3',
      'kube-router-svip',
      'KUBE-',
      'KUBE-6-',
    ]) {
      assert.ok(!isKubeProxySet(set), set);
    }
  });

  it('are those of old versions and other modes too', () => {
    for (const chain of ['KUBE-XLB-ABC', 'KUBE-PORTALS-HOST', 'KUBE-NODEPORT-CONTAINER', 'KUBE-FIREWALL']) {
      assert.equal(kubeChainOwner('nat', chain), 'kube-proxy', chain);
    }
    assert.equal(kubeChainOwner('filter', 'KUBE-NODEPORT-NON-LOCAL'), 'kube-proxy');
    assert.ok(isKubeProxySet('KUBE-6-LOAD-BALANCER-SOURCE-CID'), 'names are cut to 31 characters');
    assert.ok(!isKubeProxySet('KUBE-6-LOAD-BALANCER-SOURCE-CIDR'));
  });
});
