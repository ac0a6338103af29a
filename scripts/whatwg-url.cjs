// Stands in for the package whatwg-url in the bundle (build.mjs): node-fetch asks it for the URL class where Node has none, and all do.
// The package itself loads Node's punycode, whose deprecation Node 21 and newer print on standard error.
module.exports = require('node:url');
