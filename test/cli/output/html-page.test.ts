import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { elementsIn, findAll, readHtml, textIn, type HtmlElement } from '../../support/html.ts';
import { foldersIn } from '../../support/golden-case.ts';
import { goldenRoot } from '../../support/golden-paths.ts';
import { realDumps, realDumpsFolder } from '../../support/real-dumps.ts';
import { htmlOf, packetTo, reportOf } from '../../support/report-page.ts';

function golden(name: string): string {
  return readFileSync(join(goldenRoot, 'decode', name, 'input.rules'), 'utf8');
}

/** All that the templates and Graphviz make. */
const ELEMENTS = new Set(
  (
    ' html head meta title style body header h1 h2 h3 section p dl div dt dd nav ul li a main article span code pre strong table thead ' +
    'tbody tr th td details summary svg g polygon path polyline text label input output footer script'
  ).split(' '),
);

/** Reads the page strictly, and checks what holds for every page. */
function check(html: string): HtmlElement {
  const root = readHtml(html);
  const ids = new Set<string>();
  for (const { name, attributes } of elementsIn(root)) {
    assert.ok(ELEMENTS.has(name), name);
    for (const attribute of attributes.keys()) {
      assert.doesNotMatch(attribute, /^(on|src$|style$|xlink|srcset$|formaction$)/, `${name} ${attribute}`);
    }
    const id = attributes.get('id');
    if (id === undefined) continue;
    assert.ok(!ids.has(id), id);
    ids.add(id);
  }
  for (const link of findAll(root, 'a')) {
    const target = link.attributes.get('href') ?? '';
    assert.ok(target.startsWith('#') && ids.has(target.slice(1)), target);
  }
  assert.deepEqual(
    [findAll(root, 'script').length, findAll(root, 'style').length, findAll(root, 'h1').length],
    [1, 1, 1],
  );
  for (const table of findAll(root, 'table')) {
    const head = [...elementsIn(table)].find(({ name }) => name === 'thead');
    assert.ok(head !== undefined && findAll(head, 'th').every(({ attributes }) => attributes.get('scope') === 'col'));
  }
  return root;
}

describe('printHtml', () => {
  it('tells of Services, endpoints, shares, findings and a packet', async () => {
    const dump = { file: 'dump.txt', text: golden('load-balancer-1-36') };
    const root = check(await htmlOf(reportOf([dump], 200, packetTo('10.244.1.7', '10.96.7.7', 80))));
    const [row] = findAll(root, '#s3');
    assert.ok(row !== undefined);
    assert.match(textIn(row), /^\nshop\/web:http traced10\.96\.7\.7:80\/tcp3 \(1\/3 each\), 1 here/);
    assert.match(textIn(row), /External policy Local|External policyLocal/);
    assert.match(
      textIn(row),
      /10\.244\.0\.5:80801\/3 \(33\.3 %\)100 %KUBE-SEP-2QFQVMZDRZXAQWB2on this node58-59, 71, 76/,
    );
    assert.match(textIn(row), /node port 30080KUBE-EXT-67NZLRHBNDSAWJROmasqueraded from the node/);
    assert.equal(findAll(row, 'svg').length, 1);
    const [findings] = findAll(root, '#findings');
    assert.ok(findings !== undefined);
    assert.match(textIn(findings), /3 errors, 2 warnings, 3 notes in 47 rules\./);
    assert.match(textIn(findings), /line 54, nat KUBE-NODEPORTS: shop\/web:http: .*\nService: shop\/web:http/);
    assert.match(textIn(findings), /Fix: Set allocateLoadBalancerNodePorts: false/);
    const [trace] = findAll(root, '#trace');
    assert.ok(trace !== undefined);
    assert.match(textIn(trace), /KUBE-SVC-67NZLRHBNDSAWJRO picks one of 3 endpoints of shop\/web:http/);
    assert.match(textIn(trace), /10\.244\.0\.5:808033\.3 %71, 59/);
    assert.equal(textIn(findAll(root, 'title')[0] ?? root), 'Services in dump.txt');
    assert.match(textIn(root), /iptables-save 1\.8\.9 \(nft\), Sat Nov 21 03:00:00 2026/);
  });

  it('lets nothing in from the network, and no other script or style', async () => {
    const html = await htmlOf(reportOf([{ file: 'dump.txt', text: golden('both-families') }]));
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    const plain = policy.replaceAll('&#x27;', "'").replaceAll('&#x3D;', '=');
    assert.match(
      plain,
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'$/,
    );
    assert.ok(html.indexOf('Content-Security-Policy') < html.indexOf('<style>'));
    assert.doesNotMatch(html, /https?:\/\//);
  });

  it('draws no more than is asked for, and says so', async () => {
    const dump = { file: 'dump.txt', text: golden('load-balancer-1-36') };
    const root = check(await htmlOf(reportOf([dump], 1)));
    assert.equal(findAll(root, 'svg').length, 1);
    assert.match(
      textIn(root),
      /3 service ports, 4 endpoints\. 1 is drawn, those with findings first; all are told in words\./,
    );
    const none = check(await htmlOf(reportOf([dump], 0)));
    assert.equal(findAll(none, 'svg').length, 0);
    assert.match(textIn(none), /None is drawn; all are told in words\./);
    assert.match(textIn(none), /10\.244\.2\.9:80801\/3 \(33\.3 %\)/);
  });

  it('tells families and files apart', async () => {
    const text = golden('load-balancer-1-36');
    const v6 = text
      .replaceAll('iptables-save', 'ip6tables-save')
      .replaceAll(/10\.(\d+)\.(\d+)\.(\d+)/g, 'fd00:$1:$2::$3');
    const two = await htmlOf(
      reportOf([
        { file: 'a', text },
        { file: 'b', text: v6, family: 'ipv6' },
      ]),
    );
    assert.match(two, /<th scope="row">shop\/cart <span class="note">IPv4<\/span>/);
    assert.match(two, /<th scope="row">shop\/cart <span class="note">IPv6<\/span>/);
    const nodes = await htmlOf(
      reportOf([
        { file: 'a', text },
        { file: 'b', text },
      ]),
    );
    assert.match(nodes, /<th scope="row">shop\/cart <span class="note">IPv4, b<\/span>/);
    check(two);
    check(nodes);
  });

  it('keeps what a hostile dump says text', async () => {
    const evil = `</script></style></svg><img src=x onerror=alert(1)>`;
    const texts = [
      golden('load-balancer-1-36').replaceAll('shop/web:http', `shop/${evil}:http`),
      golden('load-balancer-1-36').replaceAll('67NZLRHBNDSAWJRO', evil),
      golden('not-decoded').replaceAll(/--comment "[^"]*"/g, `--comment "a/b ${evil}"`),
      golden('ipvs-1-22').replaceAll('KUBE-CLUSTER-IP', evil),
      golden('damaged-dnat').replaceAll(/--to-destination \S+/g, `--to-destination ${evil}`),
      golden('four-rules-2017').replaceAll('10.', `"${evil}"`),
    ];
    for (const text of texts) {
      const report = reportOf([{ file: `"><b>${evil}`, text }], 200, packetTo('10.244.1.7', '10.96.7.7', 80));
      const html = await htmlOf(report);
      check(html);
      assert.ok(textIn(readHtml(html)).includes(evil));
    }
  });

  it('shows control codes as a sign of their own', async () => {
    const text = golden('not-decoded').replaceAll('--comment "', '--comment "\u0000\u001b[31m\u0085');
    const html = await htmlOf(reportOf([{ file: 'dump\u0007.txt', text }]));
    check(html);
    assert.doesNotMatch(html, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    assert.ok(html.includes('Services in dump\ufffd.txt'));
  });

  it('gives the same bytes for the same dump', async () => {
    const dump = { file: 'dump.txt', text: golden('load-balancer-1-36') };
    assert.equal(await htmlOf(reportOf([dump])), await htmlOf(reportOf([dump])));
  });

  it('takes every golden dump', async () => {
    const dumps = [
      ...foldersIn(join(goldenRoot, 'decode')).map((name) => golden(name)),
      ...foldersIn(join(goldenRoot, 'parse')).map((name) =>
        readFileSync(join(goldenRoot, 'parse', name, 'input.rules'), 'utf8'),
      ),
      '',
    ];
    for (const text of dumps) {
      const report = reportOf([{ file: 'dump.txt', text }], 200, packetTo('10.244.1.7', '10.96.0.10', 53));
      const root = check(await htmlOf(report));
      const rows = findAll(root, 'tbody').filter(({ attributes }) => attributes.has('id'));
      assert.equal(rows.length, report.services.length);
    }
  });

  const folder = realDumpsFolder();
  if (folder === undefined) {
    it('has no real dumps to take: give their folder as CHAINSMITH_DUMPS', () => {
      assert.equal(realDumpsFolder(), undefined);
    });
    return;
  }
  it('takes real dumps', async () => {
    for (const { text } of realDumps(folder)) check(await htmlOf(reportOf([{ file: 'dump.txt', text }])));
  });
});
