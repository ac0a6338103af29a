// Node.js has no SCTP, so socat plays server and client here; and many kernels have none either, which is no fault of the rules.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER_PORT } from '../../scripts/lab/addresses.ts';
import type { Lab } from '../../scripts/lab/lab.ts';
import { CommandFailed } from '../../src/host/exec.ts';
import { CLIENT, clusterIp, FAMILIES, SERVICE_PORT, WEB, type ServiceSpec } from './support/cluster.ts';
import { FAMILY_NAMES, loadServices, useLab, VARIANTS } from './support/kernel-lab.ts';

const SCTP: ServiceSpec = { name: 'sctp', number: 1, endpoints: WEB, protocol: 'SCTP' };

/** Opening a socket is the only sure way to know: the kernel may load its module just then. */
function kernelHasSctp(): boolean {
  try {
    execFileSync('socat', ['-u', 'OPEN:/dev/null', 'SCTP4-LISTEN:0,accept-timeout=0.1'], {
      stdio: 'pipe',
      timeout: 5000,
    });
    return true;
  } catch (error) {
    return !String(error).includes('Protocol not supported');
  }
}

/** Each connection is answered with the pod's name. The server ends with its namespace. */
async function startSctpServer(lab: Lab, host: string): Promise<void> {
  const command = ['socat', `SCTP6-LISTEN:${SERVER_PORT},fork,ipv6only=0`, `SYSTEM:echo ${host}`];
  spawn('ip', ['netns', 'exec', lab.namespaceOf(host), ...command], { stdio: 'ignore', detached: true }).unref();
  const sockets = lab.on(host);
  for (let tries = 0; tries < 50; tries += 1) {
    const { stdout } = await sockets.run('cat', ['/proc/net/sctp/eps']);
    if (stdout.includes(` ${SERVER_PORT} `)) return;
    await sleep(100);
  }
  throw new Error(`no SCTP server came up on ${host}`);
}

async function ask(lab: Lab, host: string): Promise<string> {
  const address = host.includes(':') ? `[${host}]` : host;
  try {
    const client = lab.on(CLIENT.name);
    const options = { timeoutMs: 5000 };
    const { stdout } = await client.run('socat', ['-T2', '-u', `SCTP:${address}:${SERVICE_PORT}`, 'STDOUT'], options);
    return stdout.trim();
  } catch (error) {
    if (error instanceof CommandFailed) return error.message;
    throw error;
  }
}

describe('SCTP', () => {
  const hasSockets = process.platform === 'linux' && kernelHasSctp();
  if (!hasSockets) console.log('no connection over SCTP is tried: this kernel has no sockets for it');
  for (const variant of VARIANTS) {
    describe(`by iptables-${variant}`, () => {
      const { lab } = useLab();
      before(async () => {
        if (hasSockets) await Promise.all(WEB.map(async (pod) => await startSctpServer(lab(), pod.name)));
        await loadServices(lab(), variant, [SCTP]);
      });
      for (const family of FAMILIES) {
        it(`has rules that the kernel takes over ${FAMILY_NAMES[family]}, whatever sockets there are`, async () => {
          const save = `${family === 'ipv4' ? 'iptables' : 'ip6tables'}-${variant}-save`;
          const { stdout } = await lab().on('node').run(save, ['-t', 'nat']);
          const frontend = `-A KUBE-SERVICES -d ${clusterIp(SCTP)[family]}/${family === 'ipv4' ? 32 : 128} -p sctp `;
          assert.equal(stdout.split(frontend).length - 1, 1, stdout);
          assert.equal(stdout.match(/^-A KUBE-SEP-\S+ -p sctp .*-m sctp -j DNAT /gm)?.length, WEB.length, stdout);
        });

        if (!hasSockets) continue;
        it(`reaches all endpoints over ${FAMILY_NAMES[family]}`, async () => {
          const answers = new Set<string>();
          for (let i = 0; i < 60; i += 1) answers.add(await ask(lab(), clusterIp(SCTP)[family]));
          assert.deepEqual(
            [...answers].sort(),
            WEB.map((pod) => pod.name),
          );
        });
      }
    });
  }
});
