// Package web runs pages in a real Chromium against the phone: what a
// counselling page does with nxWebApi.js, what browsers allow and refuse, and
// what hostile pages and programs try. It is test code, and the part of the
// bench that measures how soon events reach pages.
//
// # Usage
//
//	if err := web.Isolate(); err != nil { ... }  // first of all, in TestMain
//	browser, err := web.Start(ctx, web.Options{Dir: dir})
//	site, err := web.ServeSite(assets.WebAPI(), nil)
//	visitor, err := browser.NewVisitor()
//	page, err := visitor.NewTab()
//	err = page.Open(ctx, site.Origin("http", "127.0.0.1")+"/counsel.html")
//	n, err := web.Eval[int](ctx, page, "nxWebApi.Clear()")
//	page.Seen(web.Told) // what the page's callback was given
//
// The pages lie in testdata: counsel.html is the one of the specification's
// samples, desk.html opens the many windows of [Scale].
//
// # Isolation
//
// Pages look for their phone on ten fixed ports, so the tests run in a network
// namespace of their own: a phone that somebody else runs on the machine is not
// found, and "no phone" means none. A mount namespace covers the folder of
// Chromium's managed policies. They give the browser the authority of the test's
// https site, and decide for two of its hosts about the permission that
// Chromium asks for before a page of the internet may connect to loopback
// (--ip-address-space-overrides makes the site one of the internet). Root needs
// no more for that, other users a user namespace. Within one test binary the
// tests run one after the other.
//
// # Concurrency
//
// One browser serves many tests; every test has visitors of its own, whose
// storage and permissions nobody shares. All methods may be called from any
// goroutine; Close waits for what it ends.
//
// # Testing
//
// The tests were tried with mutants of the phone and the script (a check left
// out, a proof not compared, an event lost or told twice): each is noticed by
// the test that is named after it. Nothing waits by sleeping, except one page
// whose counsellor starts the phone late.
//
// # Models
//
// Playwright's test runner (one browser, a context for each test), the
// web-platform-tests of Local Network Access (the same flag moves a server into
// the public address space), and KeePassXC-Browser's and Zoom's known holes,
// which the attack run goes through.
package web
