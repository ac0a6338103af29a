import { DEFAULT_STATE_DIR } from '../../host/iptables/state-dir.ts';

interface Place {
  readonly netns?: string | undefined;
  readonly stateDir?: string | undefined;
}

/** The options with which another command means the same node, and the same state, each behind a blank. */
export function samePlace({ netns, stateDir }: Place): string {
  const where = netns === undefined ? '' : ` --netns ${netns}`;
  return stateDir === undefined || stateDir === DEFAULT_STATE_DIR ? where : `${where} --state-dir ${stateDir}`;
}
