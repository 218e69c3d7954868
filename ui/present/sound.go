package present

// Sound says that a direction of the call's sound uses another device from now
// on, or none.
type Sound struct {
	// Speaker: it is about the speaker, else the microphone.
	Speaker bool
	// Device is the one in use, empty while there is none and silence goes on.
	Device string
	// Instead: it stands in for one that is wanted more.
	Instead bool
}

// NoticeOf is what the user is told of it.
func (s Sound) NoticeOf() Notice {
	key := "sound.microphone."
	if s.Speaker {
		key = "sound.speaker."
	}
	switch {
	case s.Device == "":
		key += "gone"
	case s.Instead:
		key += "instead"
	default:
		key += "back"
	}
	return Notice{Key: key, About: s.Device}
}
