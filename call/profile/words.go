package profile

import "maps"

// word is what the manuals say about a key beside its English sentence, which
// stands in the table of fields.
type word struct {
	korean string
	// example is a value that the key takes; see [Info].Example.
	example string
}

// words are for manuals, schema and templates, by the groups of fields. The program
// itself does not use them: a linker leaves them out.
func words() map[Key]word {
	all := map[Key]word{}
	for _, some := range []map[Key]word{lineWords(), windowWords(), callWords(), fleetWords(), provisionWords(), updateWords(), kioskWords()} {
		maps.Copy(all, some)
	}
	return all
}

func lineWords() map[Key]word {
	return map[Key]word{
		KeyRealm:            {"통화에 쓰는 SIP 도메인", "helpline.example"},
		KeyDN:               {"내선 번호", "1000"},
		KeyURL:              {"SBC 주소 (ws:// 또는 wss://)", "wss://sbc.helpline.example/ws"},
		KeyCA:               {"시스템 인증서 외에 더 믿을 인증 기관의 PEM 파일", "/etc/nxphone/ca.pem"},
		KeyUser:             {"인증에 쓰는 사용자 이름. 비우면 내선 번호", "counsellor-1000"},
		KeyPasswordFile:     {"첫 줄이 비밀번호인 파일. 암호 저장소 대신 쓴다", "/etc/nxphone/password"},
		KeyPushToken:        {"이 장치의 푸시 토큰. 비우거나 \"default\"면 없음", "c0ffee-device-17"},
		KeyPushProvider:     {"토큰과 함께 보내는 푸시 제공자 (RFC 8599)", "fcm"},
		KeyPushHeader:       {"토큰을 Contact 대신 실어 보낼 헤더 이름", "X-Push-Token"},
		KeyRegister:         {"통화하기 전에 SBC에 등록", "true"},
		KeyCodec:            {"먼저 제안할 코덱", "opus"},
		KeyMicrophone:       {"마이크: default, null 또는 이름", "Jabra Evolve2 30"},
		KeySpeaker:          {"스피커: default, null 또는 이름", "Jabra Evolve2 30"},
		KeyLang:             {"언어", "ko"},
		KeyTheme:            {"색", "contrast"},
		KeyLogLevel:         {"기록할 최소 수준", "info"},
		KeyICEServers:       {"STUN, TURN 서버. {url, user}의 JSON 배열", `[{"url":"turns:turn.helpline.example:443","user":"desk"}]`},
		KeySIPHeaders:       {"모든 SIP 요청에 더할 헤더. {name, value}의 JSON 배열", `[{"name":"X-Desk","value":"17"}]`},
		KeyOrigin:           {"WebSocket 연결의 Origin", "https://desk.helpline.example"},
		KeyHandshakeHeaders: {"WebSocket 연결에 더할 헤더. {name, value}의 JSON 배열", `[{"name":"X-Desk","value":"17"}]`},
		KeyWebAPI:           {"허용한 웹 페이지가 이 컴퓨터에서 전화를 걸 수 있음", "true"},
		KeyWebAPIOrigins:    {"허용하는 웹 페이지의 출처. JSON 배열이며 파일, 환경 변수, 명령줄, 정책의 목록이 합쳐진다", `["https://desk.helpline.example"]`},
		KeyWebAPIAsk:        {"허용하지 않은 웹 페이지는 사용자에게 묻는다", "false"},
		KeyWebAPICode:       {"새 웹 페이지는 전화에 보이는 짧은 코드로만 연결", "true"},
	}
}

func windowWords() map[Key]word {
	return map[Key]word{
		KeyTextSize:    {"글자 크기 (백분율)", "125"},
		KeyWindowSize:  {"창 크기: full(두 단), phone(한 단), compact(띠)", "phone"},
		KeyOnTop:       {"창을 다른 창 위에 둔다", "true"},
		KeyMeters:      {"통화 중 두 목소리의 크기를 보인다", "false"},
		KeyTray:        {"트레이에 상태를 보인다", "false"},
		KeyCloseToTray: {"창을 닫아도 트레이에 남는다", "true"},
		KeyStart:       {"데스크톱에 로그인할 때 함께 시작", "true"},
	}
}

func callWords() map[Key]word {
	return map[Key]word{
		KeyRinger:          {"신호음 장치: default, null 또는 이름. 비우면 스피커", "USB Speaker"},
		KeyEcho:            {"스피커에서 나온 상대방 목소리를 마이크 소리에서 뺀다", "false"},
		KeyNoise:           {"주변 소음을 마이크 소리에서 뺀다", "false"},
		KeyGain:            {"내 목소리를 고른 크기로 맞춘다", "false"},
		KeyCeiling:         {"수화기 소리가 넘지 못하는 크기. 최대 크기보다 몇 dB 낮은지로 적으며, 비명과 외톨이 신호음은 훨씬 더 줄인다. 0은 보호하지 않음", "12"},
		KeyBitrate:         {"Opus 음성에 쓰는 최대 비트 전송률(kb/s). 상대방에게도 그 이하로 보내 달라고 한다", "24"},
		KeyRedundancy:      {"손실이 많을 때 앞선 패킷을 함께 보낸다(RED, RFC 2198)", "false"},
		KeyDTX:             {"말이 없을 때 Opus 패킷을 보내지 않는다(DTX). 상대방에게도 그렇게 해 달라고 한다", "true"},
		KeyMuteSound:       {"마이크를 끄거나 켤 때 짧은 소리", "false"},
		KeyHeadset:         {"USB 헤드셋의 버튼과 표시등을 쓴다", "false"},
		KeyHeadsetProfiles: {"함께 쓰는 장치. {name, microphone, speaker, ringer}의 JSON 배열", `[{"name":"Jabra","microphone":"Jabra","speaker":"Jabra","ringer":"USB Speaker"}]`},
		KeyEchoNumber:      {"시험 통화가 거는, 들은 소리를 되돌려 주는 번호", "600"},
		KeyMaskNumbers:     {"번호를 가리는 정도: 없음, 뒤 네 자리나 두 자리만 남김, 모두", "last-4"},
		KeyPresentedNumber: {"상대방에게 보이는 번호를 미리 알려 준다. 비우면 내선 번호", "1393"},
		KeySpeedDials:      {"버튼 하나로 거는 번호. {name, tel}의 JSON 배열", `[{"name":"119","tel":"119"}]`},
		KeyRecentCalls:     {"최근 통화 보관: off, memory(닫을 때까지) 또는 날수", "7"},
		KeyNotifications:   {"바탕 화면 알림", "false"},
		KeyHotkeys:         {"모든 창에서 음소거와 끊기 키를 쓴다", "true"},
		KeyHotkeyMute:      {"모든 창에서 쓰는 음소거 키. 비우면 없음", "Ctrl+Shift+M"},
		KeyHotkeyHangup:    {"모든 창에서 쓰는 끊기 키. 비우면 없음", "Ctrl+Shift+H"},
		KeyNoticeFile:      {"고지 후 종료에서 들려줄 WAV 파일", "/usr/share/helpline/notice.wav"},
		KeyAfterCall:       {"통화가 끝나면 통화 후 정리 상태로 간다", "true"},
		KeyRestMinutes:     {"힘든 통화 뒤에 권하는 휴식(분). 0은 없음", "15"},
		KeyHelpURL:         {"상담원이 조용히 도움을 청하면 부르는 https 주소", "https://desk.helpline.example/help"},
	}
}

func fleetWords() map[Key]word {
	return map[Key]word{
		KeyTelemetryURL:         {"통화 품질 통계를 받을 OpenTelemetry 수집기의 https 주소. 비우면 보내지 않음", "https://collector.helpline.example:4318"},
		KeyTelemetryHeadersFile: {"수집기에 보낼 헤더가 한 줄에 하나씩 \"이름: 값\"으로 든 파일", "/etc/nxphone/telemetry-headers"},
		KeyTelemetryAttributes:  {"통계에서 이 지점을 구분하는 이름. 이름=값을 쉼표로 잇는다", "site=seoul-1,floor=3"},
		KeyLogFile:              {"보고서에 쓸 최근 기록을 번호 없이 파일에 남긴다", "false"},
		KeySIPTrace:             {"번호와 비밀을 뺀 SIP 메시지도 그 파일에 남긴다", "true"},
	}
}

func provisionWords() map[Key]word {
	return map[Key]word{
		KeyProvisionURL:         {"기관이 서명한 설정을 받는 https 주소. 비우면 받지 않음", "https://desk.helpline.example/settings"},
		KeyProvisionKeys:        {"그 설정에 서명한 Ed25519 공개 키(base64). JSON 배열이며 하나만 맞으면 된다", `["11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]`},
		KeyProvisionCertificate: {"그 서버에 보일 이 컴퓨터의 인증서 PEM 파일. 비우면 없음", "/etc/nxphone/desk.pem"},
		KeyProvisionPrivateKey:  {"그 인증서의 개인 키 PEM 파일. 비우면 인증서 파일에서 읽음", "/etc/nxphone/desk.key"},
		KeyProvisionEvery:       {"그 서버에 묻는 간격", "30m"},
	}
}

func updateWords() map[Key]word {
	return map[Key]word{
		KeyUpdateURL: {"새 버전을 알리는 https 주소. 하루에 한 번, 통화 중이 아닐 때만 묻는다. 비우면 묻지 않음", "https://desk.helpline.example/nxphone/feed.json"},
		KeyUpdateKey: {"새 버전에 서명한 minisign 공개 키. JSON 배열이며 하나만 맞으면 된다. 비우면 프로그램에 든 키", `["RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"]`},
	}
}

func kioskWords() map[Key]word {
	return map[Key]word{
		KeyKioskNumber:         {"키오스크의 큰 버튼이 거는 번호", "1393"},
		KeyKioskEmergency:      {"키오스크의 긴급 버튼 번호. 비우면 버튼 없음", "119"},
		KeyKioskPIN:            {"키오스크를 끝내는 PIN의 argon2id 해시(PHC 형식)", "$argon2id$v=19$m=65536,t=3,p=2$c29tZXNhbHRzb21lc2FsdA$3q2+7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
		KeyKioskLayout:         {"버튼의 높이: high 또는 휠체어용 low", "low"},
		KeyKioskSilence:        {"이만큼 소리가 없으면 통화를 끝낸다. 0은 끝내지 않음", "90s"},
		KeyKioskIdle:           {"이만큼 만지지 않으면 처음 화면으로", "2m"},
		KeyKioskVoice:          {"키오스크 안내를 소리로 들려준다", "false"},
		KeyKioskSelfTest:       {"날마다 시험 통화를 하는 시각. 비우면 없음", "03:30"},
		KeyKioskSelfTestNumber: {"시험 통화의 번호. 비우면 시험 번호", "600"},
		KeyKioskHealth:         {"키오스크 상태를 알리는 이 컴퓨터의 HOST:PORT. 비우면 없음", "127.0.0.1:17081"},
	}
}
