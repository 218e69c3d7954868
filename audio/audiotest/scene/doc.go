// Package scene makes the sounds that processors are measured on: two people in a
// call, the room that leads the loudspeaker's sound back to the microphone, and
// the noises around it.
//
// # Usage
//
//	far, err := scene.Speak(ctx, scene.Male, time.Minute, -26)
//	near, err := scene.Speak(ctx, scene.Female, time.Minute, -26)
//	for _, c := range scene.EchoCases() {
//		take := c.Make(far, near)
//		// take.Far to the canceller's reference, take.Mic to its microphone;
//		// take.Echo and take.Near tell what the microphone's sound is made of
//	}
//	noisy := scene.Add(near, scene.AtSNR(near, scene.Pink(1, time.Minute), 10))
//
// Sounds are samples at 48 kHz in the 16-bit scale, levels dBFS as audio.DBFS has
// them. Everything is the same for the same arguments; speech comes from espeak-ng
// (Debian's package) at run time, and is as steady as its version. Where a unit
// test wants no program, audiotest.Voice stands in, and [BabbleOf] takes any
// voices.
//
// # The rooms
//
// A [Room] is a direct sound and a diffuse tail of Gaussian noise that decays by 60
// dB in RT60 (Polack's model; Jot, Cerveau and Warusfel, "Analysis and synthesis of
// room reverberation based on a statistical time-frequency model", AES 103, 1997),
// 3 dB under the direct sound at a desk's distance and darker the later it is.
//
// # Models
//
// The synthetic sets of Microsoft's AEC and DNS challenges (which scenarios there
// are: far end alone, both, near end alone; SNRs; clipping loudspeakers), and
// WebRTC's audioproc tests (a delay that jumps, a path that changes). Different
// here: nothing is recorded, so all of it can be made again anywhere, and what is
// in the microphone is known part by part.
package scene
