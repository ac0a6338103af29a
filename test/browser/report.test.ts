// The report in a real browser: what is on the page, that it can be seen, and that nothing of a dump becomes more than text.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { elementsIn, findAll, readHtml, textIn, type HtmlElement } from '../support/html.ts';
import { runCli } from '../cli/run-cli.ts';
import { domOf, requireChromium, screenshotOf } from './support/chromium.ts';

const DUMP = 'golden/decode/load-balancer-1-36/input.rules';

/** Of templates/report/style.css. */
const LIGHT = { back: '#ffffff', accent: '#0b57c4' };
const DARK = { back: '#15171a', accent: '#83b6ff' };

/** The document as chromium prints it: its `meta`, `input` and attributes differ in spelling from the templates' alone. */
function readDom(html: string): HtmlElement {
  return readHtml(html.replace(/^<!DOCTYPE html>/, '').replaceAll('&nbsp;', '\u00a0'));
}

interface Row {
  readonly name: string;
  readonly hidden: boolean;
  readonly element: HtmlElement;
}

/** The service ports of the page, in its order. */
function rowsOf(root: HtmlElement): readonly Row[] {
  return findAll(root, 'tbody').flatMap((element) => {
    const { attributes } = element;
    if (!/^s\d+$/.test(attributes.get('id') ?? '')) return [];
    const head = [...elementsIn(element)].find(({ name }) => name === 'th');
    const name = typeof head?.children[0] === 'string' ? head.children[0].trim() : '';
    return [{ name, hidden: attributes.has('hidden'), element }];
  });
}

function shownIn(root: HtmlElement): readonly string[] {
  return rowsOf(root).flatMap(({ name, hidden }) => (hidden ? [] : [name]));
}

function textOf(root: HtmlElement, what: string): string {
  const [found] = findAll(root, what);
  assert.ok(found !== undefined, what);
  return textIn(found);
}

describe('the report in chromium', function () {
  this.timeout(120_000);
  let folder = '';
  let file = '';

  before(function () {
    requireChromium(this);
    folder = mkdtempSync(join(tmpdir(), 'chainsmith-report-'));
    file = join(folder, 'report.html');
    const packet = ['--from', '10.244.1.7', '--to', '10.96.7.7:80'];
    assert.equal(runCli(['report', '-q', '-o', file, DUMP, ...packet]).status, 0);
  });
  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  it('has the Services with their shares, a drawing of each, the findings and the packet', async () => {
    const root = readDom(await domOf(file));
    assert.deepEqual(shownIn(root), ['default/kubernetes:https', 'shop/cart', 'shop/web:http']);
    for (const { element } of rowsOf(root)) assert.equal(findAll(element, 'svg').length, 1);
    const web = rowsOf(root)[2]?.element ?? root;
    assert.equal(textIn(web).match(/1\/3 \(33\.3 %\)/g)?.length, 3);
    const drawn = findAll(findAll(web, 'svg')[0] ?? root, 'text').map(textIn);
    assert.deepEqual(
      ['cluster IP', '10.96.7.7:80', 'node port 30080', 'KUBE-SVC-67NZLRHBNDSAWJRO', '10.244.2.9:8080'].filter(
        (text) => !drawn.includes(text),
      ),
      [],
    );
    assert.equal(drawn.filter((text) => text === '1/3').length, 3);
    assert.match(textOf(root, '#findings'), /error A built-in chain does not lead to kube-proxy's rules \(3\)/);
    assert.match(textOf(root, '#trace'), /picks one of 3 endpoints of shop\/web:http/);
  });

  it('is searched by what stands behind #q=', async () => {
    const search = async (words: string): Promise<HtmlElement> =>
      readDom(await domOf(file, { hash: `#q=${encodeURIComponent(words)}` }));
    const web = await search('web');
    assert.deepEqual(shownIn(web), ['shop/web:http']);
    assert.equal(textOf(web, '#matches'), '1 of 3 shown');
    assert.equal(findAll(web, '#search')[0]?.attributes.has('hidden'), false);
    // Names, addresses of Services and of endpoints, node ports, several words, and chains.
    assert.deepEqual(shownIn(await search('10.96.0.1:443')), ['default/kubernetes:https']);
    assert.deepEqual(shownIn(await search('10.244.2.9')), ['shop/web:http']);
    assert.deepEqual(shownIn(await search('SHOP 30637')), ['shop/cart']);
    assert.deepEqual(shownIn(await search('KUBE-SEP-UGQTAJUJOQJVZIEC')), ['shop/web:http']);
    assert.deepEqual(shownIn(await search('UGQ')), []);
    assert.deepEqual(shownIn(await search('%')), []);
  });

  it('opens the Service that a link leads to', async () => {
    const root = readDom(await domOf(file, { hash: '#s2' }));
    const open = rowsOf(root).map(({ element }) => findAll(element, 'details')[0]?.attributes.has('open'));
    assert.deepEqual(open, [false, true, false]);
  });

  it('shows all Services as a plain table where no script runs', async () => {
    const plain = join(folder, 'plain.html');
    writeFileSync(plain, readFileSync(file, 'utf8').replace(/<script>[^]*?<\/script>/, ''));
    const root = readDom(await domOf(plain, { hash: '#q=web' }));
    assert.equal(shownIn(root).length, 3);
    assert.equal(findAll(root, '#search')[0]?.attributes.has('hidden'), true);
  });

  for (const [scheme, { back, accent }, width] of [
    ['light', LIGHT, 1280],
    ['dark', DARK, 1280],
    ['light', LIGHT, 400],
    ['dark', DARK, 400],
  ] as const) {
    it(`can be seen, ${scheme}, ${width} pixels wide`, async () => {
      const height = width < 500 ? 11_000 : 6000;
      const view = { width, height, dark: scheme === 'dark' };
      const closed = await screenshotOf(file, view);
      assert.deepEqual([closed.width, closed.height, closed.colorAt(1, 1)], [width, height, back]);
      const painted = 1 - closed.count(back) / (width * height);
      assert.ok(painted > 0.02 && painted < 0.5, `${(painted * 100).toFixed(1)} % of the page are not its background`);
      // Nothing is wider than the page.
      assert.equal(closed.count(back, { left: width - 8, top: 0, width: 8, height }), 8 * height);
      // An open Service has a drawing, with frames of its addresses in the accent colour; a narrow page shows the beginning of it.
      const open = await screenshotOf(file, { ...view, hash: '#s3' });
      const frames = open.count(accent) - closed.count(accent);
      assert.ok(frames > (width < 500 ? 30 : 200), `${frames} pixels of frames`);
    });
  }

  describe('of a hostile dump', () => {
    let server: Server;
    let asked: string[] = [];
    let attack = '';
    let page = '';

    before(async () => {
      server = createServer((request, response) => {
        asked.push(request.url ?? '');
        response.end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      attack = `<img/src=http://127.0.0.1:${port}/x/onerror=document.title=1><script>document.title=2</script>`;
      const dump = join(folder, 'hostile.rules');
      const evil = `</script></style></svg></td>${attack}`;
      const text = readFileSync(DUMP, 'utf8').replaceAll('67NZLRHBNDSAWJRO', evil);
      writeFileSync(dump, text.replaceAll('shop/cart has no endpoints', `shop/cart ${evil}`));
      page = join(folder, 'hostile.html');
      const packet = ['--from', '10.244.1.7', '--to', '10.96.7.7:80'];
      const { status, err } = runCli(['report', '-q', '-o', page, dump, ...packet]);
      assert.equal(status, 0, err);
    });
    after(() => {
      server.close();
    });

    it('shows it as text, runs nothing of it and asks nobody for anything', async () => {
      asked = [];
      const root = readDom(await domOf(page, { hash: '#s1' }));
      assert.ok(textIn(root).includes(attack));
      assert.deepEqual([findAll(root, 'img').length, findAll(root, 'script').length], [0, 1]);
      assert.equal(textOf(root, 'title'), `Services in ${join(folder, 'hostile.rules')}`);
      assert.deepEqual(asked, []);
    });

    it('would be stopped by the policy of the page even if it were no text', async () => {
      const broken = join(folder, 'broken.html');
      const html = readFileSync(file, 'utf8').replace('<main>', `<main>${attack}`);
      writeFileSync(broken, html);
      asked = [];
      assert.match(await domOf(broken), new RegExp(`<title>Services in ${DUMP}</title>`));
      assert.deepEqual(asked, []);
      // Without the policy it does its work, so that this test can tell.
      writeFileSync(broken, html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''));
      assert.match(await domOf(broken), /<title>[12]<\/title>/);
      assert.equal(asked.length, 1);
    });
  });
});
