/** Set by scripts/uml-init. */
const isGuest = process.env['CHAINSMITH_UML'] === '1';

/** First in every suite of test/uml: elsewhere than in the guest it is skipped with one line. scripts/test boots the guest. */
export function requireGuest(suite: Mocha.Context): void {
  if (isGuest) return;
  console.log('    this runs in a User Mode Linux guest only: scripts/uml');
  suite.skip();
}
