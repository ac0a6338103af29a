import { strict as assert } from 'node:assert';
import { parseIpsetSave } from '../../../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIpvsadm } from '../../../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { ipSetText } from '../../../../src/core/render/ip-set-text.ts';
import { virtualServerText } from '../../../../src/core/render/virtual-server-text.ts';
import { realDumps, realDumpsFolder } from '../../../support/real-dumps.ts';

const folder = realDumpsFolder();
const dumps = folder === undefined ? [] : realDumps(folder);

describe('dumps of IPVS from real machines', () => {
  if (folder === undefined) {
    it('are not there: give their folder as CHAINSMITH_DUMPS', () => assert.equal(realDumpsFolder(), undefined));
    return;
  }

  it('are there, of both tools', () => {
    for (const tool of ['ipvsadm-', 'ipset-'])
      assert.ok(
        dumps.some(({ name }) => name.startsWith(tool)),
        tool,
      );
  });

  for (const { name, text } of dumps.filter((dump) => dump.name.startsWith('ipvsadm-'))) {
    it(`${name} is read without a fault`, () => {
      const { table, diagnostics } = parseIpvsadm(text);
      assert.deepEqual(diagnostics, []);
      assert.ok(table.virtualServers.length > 3);
      assert.ok(table.virtualServers.every(({ realServers }) => realServers.length > 0));
      const printed = table.virtualServers.map(virtualServerText).join('');
      assert.deepEqual(parseIpvsadm(printed).table, table);
    });
  }

  for (const { name, text } of dumps.filter((dump) => dump.name.startsWith('ipset-'))) {
    it(`${name} is read, but for what is no dump of it`, () => {
      const { sets, diagnostics } = parseIpsetSave(text);
      const lines = text.split('\n');
      const others = diagnostics.map(({ location }) => lines[(location?.line ?? 0) - 1] ?? '');
      assert.deepEqual(
        others.filter((line) => !/^(?:\$ |\.\.\.$)/.test(line)),
        [],
      );
      assert.ok(sets.size > 0 || name.includes('excerpt'));
      assert.deepEqual(parseIpsetSave([...sets.values()].map(ipSetText).join('')).sets, sets);
    });
  }
});
