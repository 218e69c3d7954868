// Command bench measures the phone beside a browser that does the same: how
// long it takes from the call to sound, and what a call costs in processor
// time and memory. "make bench" runs it.
//
// # What is measured
//
// From the call to sound: the engine inside this process, over new and over
// open flows; the program as it is shipped, each call in a process of its own;
// and a page with JsSIP in Debian's Chromium. All three call the demo SBC and
// Kamailio over wss on loopback, at numbers that answer at once and echo, so
// the first frame has gone from the microphone to the far end and back. (An
// agent with sound of its own begins when it pleases; sipp takes 100 ms.) A
// cold call of the browser is one on a fresh page that has to connect first;
// starting the browser is not counted. The INVITE's moment is when it was
// handed to the socket; that of the first frame is when the first packet has
// been decoded, for the page when its receiver has a source, looked at every
// 5 ms.
//
// What a call costs: calls of 30 s from the answer on, on each SBC, without and
// with the window, and the same from the page. Memory is the proportional
// set size (Pss of /proc/PID/smaps_rollup) summed over the program and all its
// descendants, the largest of one sample a second; the sum of resident sizes
// would count a browser's shared pages ten times.
//
// The window by itself: from the start of the program to the first content on
// the screen; from the press on a key of the dial pad to a changed picture, of
// an X server whose picture is a file that is looked at every millisecond; what
// an idle window costs; and how much memory the calls of an eight-hour shift
// leave behind, one after the other and hung up by the far end.
//
// From the engine to web pages: events from the moment that a phone tells them
// to the function that a page has given to nxWebApi.on, through the web API in
// this process and a headless Chromium; the two clocks are compared before.
//
// What is measured runs alone, one after the other; the SBC and its PBX run
// beside it and are not counted.
//
// # Testing
//
// The arithmetic, the readers of /proc and the bundler have tests of their own;
// the measurements check themselves, since a call that is refused or stays
// silent ends the run.
package main
