// Package headsettest is headsets for tests: report descriptors in the manner of
// several makers, and a virtual device that the kernel takes for a real one
// (uhid, Linux).
//
// The descriptors are our own. They repeat what such devices are known to do
// (collections, report IDs, flags, padding), not any maker's bytes.
package headsettest
