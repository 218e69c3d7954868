package profile

// The marks of a field, beside its key and sentence.
const (
	isFlag = 1 << iota
	isSensitive
	isPolicyOnly
	isLocal
)

// say makes a field: its key, its sentence, its marks, its place and its rule.
func say(k Key, doc string, marks int, at func(*Settings) any, r rule) field {
	return field{
		Info: Info{Key: k, Doc: doc, Flag: marks&isFlag != 0, Sensitive: marks&isSensitive != 0, PolicyOnly: marks&isPolicyOnly != 0, Local: marks&isLocal != 0},
		at:   at, rule: r,
	}
}

// fields is the one table of all settings, in the order of the keys.
func fields() []field {
	all := lineFields()
	all = append(all, windowFields()...)
	all = append(all, callFields()...)
	all = append(all, fleetFields()...)
	all = append(all, provisionFields()...)
	all = append(all, updateFields()...)
	return append(all, kioskFields()...)
}

func lineFields() []field {
	return []field{
		say(KeyRealm, "SIP domain of the calls", isFlag, func(s *Settings) any { return &s.Realm }, rule{}),
		say(KeyDN, "own extension", isFlag, func(s *Settings) any { return &s.DN }, rule{}),
		say(KeyURL, "address of the SBC, ws:// or wss://", isFlag, func(s *Settings) any { return &s.URL }, rule{}),
		say(KeyCA, "PEM file of certificate authorities trusted beside the system's", isFlag, func(s *Settings) any { return &s.CA }, rule{}),
		say(KeyUser, "user name for authentication, the extension when empty", isFlag, func(s *Settings) any { return &s.User }, rule{}),
		say(KeyPasswordFile, "file whose first line is the password, instead of the keyring", isFlag|isLocal, func(s *Settings) any { return &s.PasswordFile }, rule{}),
		say(KeyPushToken, "push token of this device, none when empty or \"default\"", isFlag|isSensitive, func(s *Settings) any { return &s.PushToken }, rule{}),
		say(KeyPushProvider, "push provider that goes with the token (RFC 8599)", 0, func(s *Settings) any { return &s.PushProvider }, token()),
		say(KeyPushHeader, "header field that carries the push token instead of the Contact", 0, func(s *Settings) any { return &s.PushHeader }, token()),
		say(KeyRegister, "register at the SBC before calling", 0, func(s *Settings) any { return &s.Register }, rule{}),
		say(KeyCodec, "codec to offer first: opus, pcmu or pcma", isFlag, func(s *Settings) any { return &s.Codec }, oneOf("", "opus", "pcmu", "pcma")),
		say(KeyMicrophone, "microphone: default, null or a name", isFlag, func(s *Settings) any { return &s.Microphone }, rule{}),
		say(KeySpeaker, "speaker: default, null or a name", isFlag, func(s *Settings) any { return &s.Speaker }, rule{}),
		say(KeyLang, "language: ko or en", isFlag, func(s *Settings) any { return &s.Lang }, oneOf("", "ko", "en")),
		say(KeyTheme, "colours: light, dark or contrast", 0, func(s *Settings) any { return &s.Theme }, oneOf("", ThemeLight, ThemeDark, ThemeContrast)),
		say(KeyLogLevel, "least level that is logged: debug, info, warn or error", isFlag|isLocal, func(s *Settings) any { return &s.LogLevel }, oneOf("", "debug", "info", "warn", "error")),
		say(KeyICEServers, "STUN and TURN servers, a JSON array of {url, user}", 0, func(s *Settings) any { return &s.ICEServers }, rule{}),
		say(KeySIPHeaders, "header fields added to every SIP request, a JSON array of {name, value}", isSensitive, func(s *Settings) any { return &s.SIPHeaders }, rule{}),
		say(KeyOrigin, "Origin of the WebSocket handshake", 0, func(s *Settings) any { return &s.Origin }, rule{}),
		say(KeyHandshakeHeaders, "header fields added to the WebSocket handshake, a JSON array of {name, value}", isSensitive, func(s *Settings) any { return &s.HandshakeHeaders }, rule{}),
		say(KeyWebAPI, "let allowed web pages on this computer place calls", isFlag, func(s *Settings) any { return &s.WebAPI }, rule{}),
		say(KeyWebAPIOrigins, "origins of the web pages that are allowed, a JSON array; the lists of file, environment, flags and policies add up", 0, func(s *Settings) any { return &s.WebAPIOrigins }, rule{}),
		say(KeyWebAPIAsk, "ask the user about a web page that is not allowed yet", isFlag, func(s *Settings) any { return &s.WebAPIAsk }, rule{}),
		say(KeyWebAPICode, "pair a web page only by the short code that the phone shows", isFlag, func(s *Settings) any { return &s.WebAPICode }, rule{}),
	}
}

func windowFields() []field {
	return []field{
		say(KeyTextSize, "size of the window's text in per cent", 0, func(s *Settings) any { return &s.TextSize }, between(100, 200)),
		say(KeyWindowSize, "size of the window: full (two columns), phone (one) or compact (a strip)", 0, func(s *Settings) any { return &s.WindowSize }, oneOf("", WindowFull, WindowPhone, WindowCompact)),
		say(KeyOnTop, "keep the window above all others", 0, func(s *Settings) any { return &s.OnTop }, rule{}),
		say(KeyMeters, "show the level of both voices in a call", 0, func(s *Settings) any { return &s.Meters }, rule{}),
		say(KeyTray, "show the phone's state in the tray", 0, func(s *Settings) any { return &s.Tray }, rule{}),
		say(KeyCloseToTray, "keep the phone in the tray when its window is closed", 0, func(s *Settings) any { return &s.CloseToTray }, rule{}),
		say(KeyStart, "start the phone with the desktop session", 0, func(s *Settings) any { return &s.StartWithSession }, rule{}),
	}
}

func callFields() []field {
	return []field{
		say(KeyRinger, "device for signals: default, null or a name; the speaker when empty", 0, func(s *Settings) any { return &s.Ringer }, rule{}),
		say(KeyEcho, "take the far end's voice out of the microphone's sound", isFlag, func(s *Settings) any { return &s.EchoCancellation }, rule{}),
		say(KeyNoise, "take the background out of the microphone's sound", isFlag, func(s *Settings) any { return &s.NoiseSuppression }, rule{}),
		say(KeyGain, "bring the own voice to an even level", isFlag, func(s *Settings) any { return &s.AutomaticGain }, rule{}),
		say(KeyCeiling, "how far below full scale, in dB, everything in the earpiece stays, and shrieks and lone tones far further; 0 for no protection", isFlag, func(s *Settings) any { return &s.LimiterCeiling }, between(0, maxCeiling)),
		say(KeyBitrate, "most kilobits a second of an Opus voice; the far end is asked to keep to it too", 0, func(s *Settings) any { return &s.Bitrate }, between(16, 48)),
		say(KeyRedundancy, "send earlier packets along when many get lost (RED, RFC 2198)", 0, func(s *Settings) any { return &s.Redundancy }, rule{}),
		say(KeyDTX, "send no Opus packets in silence (DTX), and ask the far end for the same", 0, func(s *Settings) any { return &s.DTX }, rule{}),
		say(KeyMuteSound, "play a short sound when the microphone is shut or opened", 0, func(s *Settings) any { return &s.MuteSound }, rule{}),
		say(KeyHeadset, "use the buttons and lights of a USB headset", 0, func(s *Settings) any { return &s.Headset }, rule{}),
		say(KeyHeadsetProfiles, "devices that belong together, a JSON array of {name, microphone, speaker, ringer}", 0, func(s *Settings) any { return &s.HeadsetProfiles }, rule{}),
		say(KeyEchoNumber, "number that a test call dials and that echoes what it hears", 0, func(s *Settings) any { return &s.EchoNumber }, dialable()),
		say(KeyMaskNumbers, "how much of a number is hidden: none, all but the last 4 or the last 2 digits, or all", 0, func(s *Settings) any { return &s.MaskNumbers }, oneOf("", MaskNone, MaskLast4, MaskLast2, MaskAll)),
		say(KeyPresentedNumber, "number that the far end sees, shown before a call; the extension when empty", 0, func(s *Settings) any { return &s.PresentedNumber }, upTo(40)),
		say(KeySpeedDials, "numbers that one button dials, a JSON array of {name, tel}", 0, func(s *Settings) any { return &s.SpeedDials }, rule{}),
		say(KeyRecentCalls, "how recent calls are kept: off, memory (until the phone ends) or a number of days", 0, func(s *Settings) any { return &s.RecentCalls }, recent()),
		say(KeyNotifications, "show notifications of the desktop", 0, func(s *Settings) any { return &s.Notifications }, rule{}),
		say(KeyHotkeys, "let keys for mute and hanging up work in every window", 0, func(s *Settings) any { return &s.Hotkeys }, rule{}),
		say(KeyHotkeyMute, "key for mute in every window, none when empty", 0, func(s *Settings) any { return &s.HotkeyMute }, hotkeys()),
		say(KeyHotkeyHangup, "key for hanging up in every window, none when empty", 0, func(s *Settings) any { return &s.HotkeyHangup }, hotkeys()),
		say(KeyNoticeFile, "WAV file with the notice of a lawful ending", 0, func(s *Settings) any { return &s.NoticeFile }, rule{}),
		say(KeyAfterCall, "go into the after-call state when a call has ended", 0, func(s *Settings) any { return &s.AfterCall }, rule{}),
		say(KeyRestMinutes, "minutes of rest offered after a hard call, 0 for none", 0, func(s *Settings) any { return &s.RestMinutes }, between(0, 120)),
		say(KeyHelpURL, "https address that is called when a counsellor asks for help silently", isSensitive, func(s *Settings) any { return &s.HelpURL }, hook()),
	}
}

func fleetFields() []field {
	return []field{
		say(KeyTelemetryURL, "https address of the OpenTelemetry collector that is told how calls fare, nobody when empty", isSensitive|isLocal, func(s *Settings) any { return &s.TelemetryURL }, hook()),
		say(KeyTelemetryHeadersFile, "file with header fields for that collector, a line each: \"Name: value\"", isLocal, func(s *Settings) any { return &s.TelemetryHeadersFile }, rule{}),
		say(KeyTelemetryAttributes, "what tells this site from others there: name=value, joined by commas", 0, func(s *Settings) any { return &s.TelemetryAttributes }, attributes()),
		say(KeyLogFile, "keep the last messages of the phone in a file for a report, without numbers", 0, func(s *Settings) any { return &s.LogFile }, rule{}),
		say(KeySIPTrace, "write the SIP messages into that file too, without numbers and secrets", isLocal, func(s *Settings) any { return &s.SIPTrace }, rule{}),
	}
}

// provisionFields say who may give orders from afar. They belong to one computer:
// no document of a server can change them.
func provisionFields() []field {
	return []field{
		say(KeyProvisionURL, "https address of the organisation's signed settings, none when empty", isFlag|isLocal, func(s *Settings) any { return &s.ProvisionURL }, secure()),
		say(KeyProvisionKeys, "Ed25519 public keys, in base64, one of which must have signed those settings", isPolicyOnly|isLocal, func(s *Settings) any { return &s.ProvisionKeys }, publicKeys()),
		say(KeyProvisionCertificate, "PEM file with this computer's certificate for that server, none when empty", isLocal, func(s *Settings) any { return &s.ProvisionCertificate }, rule{}),
		say(KeyProvisionPrivateKey, "PEM file with the certificate's private key, the certificate's file when empty", isLocal, func(s *Settings) any { return &s.ProvisionPrivateKey }, rule{}),
		say(KeyProvisionEvery, "time between two questions to that server", isLocal, func(s *Settings) any { return &s.ProvisionEvery }, within(minProvision, maxProvision)),
	}
}

// updateFields: who may say what is a genuine version is for whoever looks after
// the computer to decide.
func updateFields() []field {
	return []field{
		say(KeyUpdateURL, "https address where newer versions are announced, asked once a day and never in a call; nobody when empty", 0, func(s *Settings) any { return &s.UpdateURL }, secure()),
		say(KeyUpdateKey, "minisign public keys, one of which must have signed what is announced; the program's own when empty", isPolicyOnly|isLocal, func(s *Settings) any { return &s.UpdateKeys }, minisignKeys()),
	}
}

func kioskFields() []field {
	return []field{
		say(KeyKioskNumber, "number that the kiosk's button dials", isPolicyOnly, func(s *Settings) any { return &s.KioskNumber }, dialable()),
		say(KeyKioskEmergency, "number of the kiosk's emergency button, none when empty", isPolicyOnly, func(s *Settings) any { return &s.KioskEmergency }, dialable()),
		say(KeyKioskPIN, "argon2id hash, in PHC form, of the PIN that leaves the kiosk", isPolicyOnly|isSensitive, func(s *Settings) any { return &s.KioskPIN }, argon2id()),
		say(KeyKioskLayout, "where the kiosk's buttons stand: high, or low for a wheelchair", isPolicyOnly, func(s *Settings) any { return &s.KioskLayout }, oneOf("", KioskHigh, KioskLow)),
		say(KeyKioskSilence, "silence after which the kiosk ends a call, 0 for never", isPolicyOnly, func(s *Settings) any { return &s.KioskSilence }, within(0, maxKioskTime)),
		say(KeyKioskIdle, "time without a touch after which the kiosk starts afresh", isPolicyOnly, func(s *Settings) any { return &s.KioskIdle }, within(minKioskIdle, maxKioskTime)),
		say(KeyKioskVoice, "speak the kiosk's guidance", isPolicyOnly, func(s *Settings) any { return &s.KioskVoice }, rule{}),
		say(KeyKioskSelfTest, "time of day of the kiosk's test call, none when empty", isPolicyOnly, func(s *Settings) any { return &s.KioskSelfTest }, clock()),
		say(KeyKioskSelfTestNumber, "number of the kiosk's test call, the echo number when empty", isPolicyOnly, func(s *Settings) any { return &s.KioskSelfTestNumber }, dialable()),
		say(KeyKioskHealth, "loopback HOST:PORT where the kiosk tells its health, none when empty", isPolicyOnly, func(s *Settings) any { return &s.KioskHealth }, loopback()),
	}
}
