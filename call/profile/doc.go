// Package profile holds what the phone is told about itself: the settings,
// where each of them comes from, and the password in the OS keyring.
//
// # Usage
//
//	fs := flag.NewFlagSet("call", flag.ContinueOnError)
//	flags := profile.BindFlags(fs)
//	if err := fs.Parse(args); err != nil { ... }            // wrong use
//	store, err := profile.Open(profile.Options{Flags: flags})
//	if err != nil { ... }                                   // told; store is usable all the same
//	s := store.Get()                                        // effective settings, a copy
//	err = store.Set(func(s *profile.Settings) { s.Lang = "en" })
//
// A setting has one name everywhere. The key "push-token" is --push-token on
// the command line, NXPHONE_PUSH_TOKEN in the environment and "push-token" in
// settings.json. [Keys] lists them all with a sentence on each.
//
// # Precedence
//
// A value comes from the highest layer that has one:
//
//	managed policy > the organisation's server > flags > demo SBC > environment > the user's file > recommended policy > defaults
//
// One list is different: the origins of allowed web pages (web-api-origins) of
// all layers add up, so that an administrator's list does not take away what the
// user has allowed; [Store.Origins] tells the two apart.
//
// The settings of the kiosk (kiosk-...) are an order of the organisation or
// nothing: a managed policy, its server and the demo may say them, and everywhere
// else they are refused with [CodePolicyOnly].
//
// What is on by default (meters, mute-sound and others) stands as true in one
// place, defaults, and a layer says false: a key has one name and one meaning in
// the file, a policy and the window. Counts are numbers in the file, lengths of
// time strings ("90s"). What a value means (how long a rest is, how many digits
// are visible) is told by methods of [Settings], so that nobody reads twice.
//
// [Store.Export] writes the user's own settings for another computer, without
// secrets; [Store.Import] says what such a file would change, [Store.SetTexts]
// takes it.
//
// A [PolicyReader] reads an administrator's policies where the system has them
// (files, the registry of Windows, managed preferences of macOS), follows them,
// and holds what a policy said that cannot be read any more; they are handed in
// through [Options.Layers] and [Store.SetPolicies]. [Provisioned] makes layers of
// what the organisation's server gives (package provision). [Store.Values] tells
// the source of each value, so that a window can lock what the user cannot
// change.
//
// # The file
//
// settings.json is read once at [Open] and again inside every [Store.Set],
// which changes only the keys that its function changed. Keys that this
// version does not know, and the order of all of them, stay as they are. The
// file is replaced by a synced temporary file and a rename, with mode 0600: a
// crash leaves the old one or the new one, never half of one. A file that is
// not JSON is told with line and column and is never overwritten; a single
// value that is wrong is told in the same way, and the others count.
//
// # Secrets
//
// The password is never a setting. It lives in the OS keyring ([Keyring]) or
// in a file that the setting password-file names; [Password] looks in both.
//
// # Concurrency
//
// A [Store], a [PolicyReader] and a [Keyring] may be used from any goroutine. A Store owns no
// goroutine. A Keyring owns at most one, which a keyring service that does not
// answer can hold until the process ends: that service cannot be cancelled, so
// callers are freed by time and later ones are refused while it hangs.
//
// # Testing
//
// Everything that comes from outside (environment, path) is a field of
// [Options]. The keyring is tested against gnome-keyring-daemon on a private
// bus, without a bus, and on a bus that never answers; each in a process of its
// own, because the D-Bus library keeps one connection for the whole process.
// The registry is one of memory, on every system, and Wine's in the tests of the
// Windows packages; property lists are read on every system. Both, and what a
// server gives, are fuzzed.
//
// # Looked at
//
// Chromium's policy loader and pages (folders managed and recommended, watched and
// polled; a value is shown with its level and source), Firefox's
// EnterprisePoliciesParent (three providers into one schema), tailscale's syspolicy
// (stores behind one interface, changes batched, lists as keys below a key) and
// its ipn.Prefs with MaskedPrefs (a change names the fields it changes), and
// Telephone's keychain item (the password is not a preference).
// Taken: sources as data, and changes by field. Done differently: one table
// ([Keys]) gives flag, variable, file key and documentation at once, so a
// setting cannot exist in one of them only; unknown keys survive a write, so that
// an older program does not destroy a newer one's settings; and where those
// three go on without a policy that they cannot read, here what it said stays in
// force.
package profile
