// Package headset tests the buttons and lights of headsets on a real kernel: it
// boots Debian's in a virtual machine, plugs virtual headsets into it (uhid) and
// runs the tests of audio/headset there. Few machines that run tests have uhid,
// and none should have strange keyboards plugged in by a test, so it is always
// the virtual machine: QEMU's emulator, which needs no right and no hardware.
//
// # How it works
//
// The kernel is the installed one where that is Debian's, else the package of
// the cloud kernel, fetched by apt into the test's folder and not installed. Its
// initial RAM file system is written here: the program in guest as init, the
// modules, and the tests, built without cgo. What the machine prints on its
// serial line is the outcome.
//
// # Models
//
// vmtest (hugelgupf) and virtme: a kernel, an initial RAM file system and a
// serial line are all that a test needs of a machine. Here is no shell in it:
// init is a program of ours.
package headset
