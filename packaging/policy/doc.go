// Package policy makes, from the one table of settings in package profile, what
// administrators of each system work with: a JSON Schema for policy files,
// templates for Windows' group policies, and a property list for macOS.
//
// # Usage
//
//	go test ./packaging/policy -update
//
// writes the files of this folder anew. Without -update the same test holds
// them against the table, so that no setting can be added, or get other bounds,
// without them.
//
// # Testing
//
// The schema is held against the program: what the program takes, the schema
// must take (a fuzz test looks for exceptions), and every example and every
// default is tried in both. The templates are read back and compared with the
// table key by key.
//
// # Looked at
//
// Chromium's policy_templates.json, from which its templates, documentation and
// code are all generated, and Mozilla's policy-templates, where ADMX, plist and
// JSON are kept by hand side by side. Taken from the first: one table, and a
// template is never written by a person. Done differently: the table is the
// program's own code, its rules are those that the program runs, and the schema
// is a standard one that editors and validators read.
package policy
