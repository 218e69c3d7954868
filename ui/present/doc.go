// Package present says in plain values what the window shows. [Of] is a pure
// function of the phone's snapshot and of what the window knows by itself; a
// [View] holds words, roles and switches, no widgets and no colours. It imports
// no toolkit, so every state is tested in microseconds.
//
// # Usage
//
//	view := present.Of(present.Facts{Snapshot: snap, Now: time.Now(), ...}, texts)
//
// A View is comparable: a window that got an equal one has nothing to draw.
// View.Next says when the view will change by the mere passing of time.
//
// # What it promises
//
// Mute is shown as the capture path confirmed it, never as it was asked for; a
// change that is not confirmed yet looks different from both. SIP codes stand
// in details only. A call's end always says what happened, and what to do
// where something can be done.
//
// A microphone in doubt (sound behind the gate, a change that nobody confirms, a
// headset that says otherwise, a device gone quiet) is shown as muted, with a
// banner that says what is known and what to do; see [Doubt].
//
// What shows only over time is folded from snapshots and levels by pure
// functions as well: [Observed], with [Quality] (how the sound fares, and on
// whose side the trouble is) and [Talking] (somebody talks while muted).
//
// # Concurrency and testing
//
// Everything is a value; nothing is shared. The tests walk the product of all
// states and flags, in both languages.
//
// # Models
//
// twilio-voice.js (its thresholds for a bad call, three of five seconds) and
// lib-jitsi-meet (talk-while-muted from levels in the client). Better here: a
// trouble names its likely side, ends only after five good seconds, and talking
// is told by its distance to the room's own quiet, so that a cough is nothing.
//
// Bubble Tea (the whole screen from one value) and Telephone by 64characters
// (presentation apart from views). Better here: the result is data that a test
// can compare, not a drawn string, and it names the moment of its own expiry,
// so no timer has to guess.
package present
