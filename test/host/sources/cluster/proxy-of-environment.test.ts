import assert from 'node:assert/strict';
import { proxyOfEnvironment } from '../../../../src/host/sources/cluster/proxy-of-environment.ts';

const PROXY = 'http://proxy:3128';

describe('proxyOfEnvironment', () => {
  it('takes the variable of the scheme, capitals first', () => {
    const env = { HTTPS_PROXY: PROXY, https_proxy: 'http://small', http_proxy: 'plain:1' };
    assert.equal(proxyOfEnvironment('https://api.example', env), PROXY);
    assert.equal(proxyOfEnvironment('https://api.example', { ...env, HTTPS_PROXY: '' }), 'http://small');
    assert.equal(proxyOfEnvironment('http://api.example', env), 'http://plain:1');
    assert.equal(proxyOfEnvironment('https://api.example', { HTTP_PROXY: PROXY }), undefined);
  });

  it('never stands before loopback', () => {
    for (const host of ['localhost', '127.0.0.1:6443', '127.8.8.8', '[::1]:6443']) {
      assert.equal(proxyOfEnvironment(`https://${host}`, { HTTPS_PROXY: PROXY }), undefined, host);
    }
  });

  it('obeys NO_PROXY as Go reads it', () => {
    for (const [list, host, isProxied] of [
      ['*', 'api.example', false],
      ['other.example, api.example', 'api.example', false],
      ['example', 'api.example', false],
      ['.example', 'api.example', false],
      ['*.example', 'api.example', false],
      ['.api.example', 'api.example', true],
      ['pi.example', 'api.example', true],
      ['API.Example', 'api.example', false],
      ['api.example:6443', 'api.example:6443', false],
      ['api.example:443', 'api.example', false],
      ['api.example:443', 'api.example:6443', true],
      ['10.0.0.1', '10.0.0.1:6443', false],
      ['10.0.0.0/8', '10.200.0.1', false],
      ['10.0.0.0/8', '11.0.0.1', true],
      ['10.0.0.0/99,fd00::/x', '10.0.0.1', true],
      ['fd00::/8', '[fd00::1]:6443', false],
      ['fd00::1', '[fd00::1]', false],
      ['[fd00::1]:6443', '[fd00::1]:6443', false],
      ['0.0.1', '10.0.0.1', true],
      ['', 'api.example', true],
    ] as const) {
      const found = proxyOfEnvironment(`https://${host}`, { HTTPS_PROXY: PROXY, NO_PROXY: list });
      assert.equal(found, isProxied ? PROXY : undefined, `${list} ${host}`);
    }
  });
});
