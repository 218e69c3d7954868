package doctor

import (
	"context"
	"time"

	"nxphone/audio"
)

// listenTime is how long a microphone is listened to where nothing comes: a
// Bluetooth headset takes two seconds to change over to speech.
const listenTime = 4 * time.Second

// nullDevice opens nothing, by the settings.
const nullDevice = "null"

// sound opens both devices of a call, one after the other, listens for a
// moment, and gives them back. What is heard is only counted.
func (o Options) sound(ctx context.Context, tell func(...Finding)) {
	if o.Sound == nil {
		tell(Find(SoundNull).In(AreaMicrophone), Find(SoundNull).In(AreaSpeaker))
		return
	}
	if o.Sound.Busy() {
		tell(Find(SoundInCall).In(AreaMicrophone), Find(SoundInCall).In(AreaSpeaker))
		return
	}
	mic, speaker := o.Sound.Wants()
	tell(o.microphone(ctx, mic).In(AreaMicrophone))
	tell(o.speaker(ctx, speaker).In(AreaSpeaker))
}

func (o Options) microphone(ctx context.Context, want string) Finding {
	if want == nullDevice {
		return Find(SoundNull)
	}
	in, name, err := o.Sound.Microphone(ctx)
	if err != nil {
		return o.soundFault(err, want)
	}
	frames, sound := hear(ctx, in)
	_ = in.Close() // nothing was asked of it that could have gone wrong
	switch {
	case frames == 0:
		return Find(MicrophoneStuck, "device", name)
	case !sound:
		return Find(MicrophoneDead, "device", name)
	}
	return Find(MicrophoneOK, "device", name)
}

// soundFault is an error of a device; the system's words only where the code has
// none.
func (o Options) soundFault(err error, want string) Finding {
	f := Find(o.Sound.Fault(err), "device", want)
	if f.Code == SoundFailed {
		return f.With(err.Error())
	}
	return f
}

// hear counts frames for a moment, and says whether any sample moved: digital
// silence is what a microphone gives that is switched off, or that privacy
// settings keep from us. It ends as soon as it knows.
func hear(ctx context.Context, in audio.Input) (frames int, sound bool) {
	frame := make([]int16, audio.FrameLen)
	tick := time.NewTicker(audio.FrameDur)
	defer tick.Stop()
	end := time.NewTimer(listenTime)
	defer end.Stop()
	var first int16
	for {
		for in.Read(frame) {
			if frames == 0 {
				first = frame[0]
			}
			frames++
			for _, s := range frame {
				sound = sound || s != first
			}
		}
		clear(frame)
		if sound && frames >= 5 {
			return frames, sound
		}
		select {
		case <-tick.C:
		case <-end.C:
			return frames, sound
		case <-ctx.Done():
			return frames, sound
		}
	}
}

func (o Options) speaker(ctx context.Context, want string) Finding {
	if want == nullDevice {
		return Find(SoundNull)
	}
	out, name, err := o.Sound.Speaker(ctx)
	if err != nil {
		return o.soundFault(err, want)
	}
	_ = out.Close()
	return Find(SpeakerOK, "device", name)
}
