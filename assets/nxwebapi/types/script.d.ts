// The global that the script makes; its shape is checked against the
// declarations that pages use.
/// <reference path="../../nxWebApi.d.ts" />
