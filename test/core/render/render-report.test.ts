import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import Handlebars from 'handlebars';
import { checkTemplate } from '../../../src/core/render/check-template.ts';
import { pageScript, pageStyle, renderReport } from '../../../src/core/render/render-report.ts';
import { findAll, readHtml, textIn } from '../../support/html.ts';

describe('renderReport', () => {
  it('keeps texts texts', () => {
    const evil = `</p><script>alert('1')</script> & "x" \`=\``;
    const html = renderReport('trace', {
      title: evil,
      decisions: [{ text: evil }],
      nothing: evil,
      parts: [],
      assumed: [{ text: evil, flag: evil }],
      open: [],
      gaveUp: false,
    });
    const root = readHtml(html);
    assert.equal(findAll(root, 'script').length, 0);
    assert.equal(findAll(root, 'p').filter((p) => textIn(p) === evil).length, 3);
    assert.deepEqual(findAll(root, 'code').map(textIn), [evil]);
  });

  it('knows the hashes of its style and its script', () => {
    for (const { text, hash } of [pageStyle, pageScript]) {
      assert.equal(hash, `sha256-${createHash('sha256').update(text).digest('base64')}`);
      assert.doesNotMatch(text, /<\/|<!--|@import|url\(|https?:|fetch|XMLHttpRequest|eval|innerHTML/);
    }
  });
});

describe('templates of HTML', () => {
  const shape = { text: { kind: 'text', doc: '' }, markup: { kind: 'markup', doc: '' } } as const;
  const faults = (template: string): readonly string[] =>
    checkTemplate(Handlebars.parse(template), shape, 'html').map(({ message }) => message);

  it('escape everything but markup, which must say so', () => {
    assert.deepEqual(faults('{{text}}{{{markup}}}{{&markup}}{{#if markup}}x{{/if}}'), []);
    assert.deepEqual(faults('{{{text}}}'), ['only markup is put in as it is']);
    assert.deepEqual(faults('{{&text}}'), ['only markup is put in as it is']);
    assert.deepEqual(faults('{{markup}}'), ['markup needs {{{ }}}']);
  });
});

describe('style.css', () => {
  /** WCAG 2.2, relative luminance. */
  const luminance = (color: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string): number => {
    const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };

  it('has enough contrast in light and in dark (WCAG AA: 4.5)', () => {
    const schemes = [...pageStyle.text.matchAll(/:root \{([^}]*)\}/g)].map(
      ([, body = '']) =>
        new Map([...body.matchAll(/--(\w+): (#[0-9a-f]{6});/g)].map(([, name, color]) => [name, color])),
    );
    assert.equal(schemes.length, 2);
    for (const colors of schemes) {
      const color = (name: string): string => {
        const found = colors.get(name);
        assert.ok(found !== undefined, name);
        return found;
      };
      for (const back of ['back', 'soft']) {
        for (const front of ['text', 'faint', 'accent']) {
          const found = contrast(color(front), color(back));
          assert.ok(found >= 4.5, `${front} on ${back}: ${found.toFixed(2)}`);
        }
      }
    }
  });
});
