package profile

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// updateManual writes the tables of TestManual anew.
var updateManual = flag.Bool("update-manual", false, "write the tables of settings into the administrator's pages")

// inKorean is what each key is for, in the Korean page. The English page takes
// the sentences of the keys themselves.
func inKorean() map[Key]string {
	return map[Key]string{
		KeyRealm: "통화에 쓰는 SIP 도메인", KeyDN: "내선 번호", KeyURL: "SBC 주소 (ws:// 또는 wss://)",
		KeyCA:   "시스템 인증서 외에 더 믿을 인증 기관의 PEM 파일",
		KeyUser: "인증에 쓰는 사용자 이름. 비우면 내선 번호", KeyPasswordFile: "첫 줄이 비밀번호인 파일. 암호 저장소 대신 쓴다",
		KeyPushToken: "이 장치의 푸시 토큰. 비우거나 \"default\"면 없음", KeyPushProvider: "토큰과 함께 보내는 푸시 제공자 (RFC 8599)",
		KeyPushHeader: "토큰을 Contact 대신 실어 보낼 헤더 이름", KeyRegister: "통화하기 전에 SBC에 등록",
		KeyCodec: "먼저 제안할 코덱", KeyMicrophone: "마이크: default, null 또는 이름", KeySpeaker: "스피커: default, null 또는 이름",
		KeyLang: "언어", KeyTheme: "색", KeyLogLevel: "기록할 최소 수준",
		KeyICEServers: "STUN, TURN 서버. {url, user}의 JSON 배열", KeySIPHeaders: "모든 SIP 요청에 더할 헤더. {name, value}의 JSON 배열",
		KeyOrigin: "WebSocket 연결의 Origin", KeyHandshakeHeaders: "WebSocket 연결에 더할 헤더. {name, value}의 JSON 배열",
		KeyWebAPI:        "허용한 웹 페이지가 이 컴퓨터에서 전화를 걸 수 있음",
		KeyWebAPIOrigins: "허용하는 웹 페이지의 출처. JSON 배열이며 파일, 환경 변수, 명령줄, 정책의 목록이 합쳐진다",
		KeyWebAPIAsk:     "허용하지 않은 웹 페이지는 사용자에게 묻는다", KeyWebAPICode: "새 웹 페이지는 전화에 보이는 짧은 코드로만 연결",
		KeyTextSize: "글자 크기 (백분율)", KeyWindowSize: "창 크기: full(두 줄), phone(한 줄), compact(띠)", KeyOnTop: "창을 다른 창 위에 둔다",
		KeyMeters: "통화 중 두 목소리의 크기를 보인다", KeyTray: "트레이에 상태를 보인다", KeyCloseToTray: "창을 닫아도 트레이에 남는다",
		KeyStart: "데스크톱에 로그인할 때 함께 시작", KeyRinger: "신호음 장치: default, null 또는 이름. 비우면 스피커",
		KeyMuteSound: "마이크를 끄거나 켤 때 짧은 소리", KeyHeadset: "USB 헤드셋의 버튼과 표시등을 쓴다",
		KeyHeadsetProfiles: "함께 쓰는 장치. {name, microphone, speaker, ringer}의 JSON 배열",
		KeyEchoNumber:      "시험 통화가 거는, 들은 소리를 되돌려 주는 번호",
		KeyMaskNumbers:     "번호를 가리는 정도: 없음, 뒤 네 자리나 두 자리만 남김, 모두",
		KeyPresentedNumber: "상대방에게 보이는 번호를 미리 알려 준다. 비우면 내선 번호", KeySpeedDials: "버튼 하나로 거는 번호. {name, tel}의 JSON 배열",
		KeyRecentCalls: "최근 통화 보관: off, memory(닫을 때까지) 또는 날수", KeyNotifications: "바탕 화면 알림",
		KeyHotkeys: "모든 창에서 음소거와 끊기 키를 쓴다", KeyHotkeyMute: "모든 창에서 쓰는 음소거 키. 비우면 없음",
		KeyHotkeyHangup: "모든 창에서 쓰는 끊기 키. 비우면 없음", KeyNoticeFile: "안내 후 종료에서 들려줄 WAV 파일",
		KeyAfterCall: "통화가 끝나면 통화 후 정리 상태로 간다", KeyRestMinutes: "힘든 통화 뒤에 권하는 휴식(분). 0은 없음",
		KeyHelpURL:     "상담원이 조용히 도움을 청하면 부르는 https 주소",
		KeyKioskNumber: "키오스크의 큰 버튼이 거는 번호", KeyKioskEmergency: "키오스크의 긴급 버튼 번호. 비우면 버튼 없음",
		KeyKioskPIN: "키오스크를 끝내는 PIN의 argon2id 해시(PHC 형식)", KeyKioskLayout: "버튼의 높이: high 또는 휠체어용 low",
		KeyKioskSilence: "이만큼 소리가 없으면 통화를 끝낸다. 0은 끝내지 않음", KeyKioskIdle: "이만큼 만지지 않으면 처음 화면으로",
		KeyKioskVoice: "키오스크 안내를 소리로 들려준다", KeyKioskSelfTest: "날마다 시험 통화를 하는 시각. 비우면 없음",
		KeyKioskSelfTestNumber: "시험 통화의 번호. 비우면 시험 번호", KeyKioskHealth: "키오스크 상태를 알리는 이 컴퓨터의 HOST:PORT. 비우면 없음",
	}
}

// manual is the table of all keys as an administrator reads it.
func manual(korean bool) string {
	heads := []string{"setting", "meaning", "values", "without it"}
	words := map[string]string{"flag": "flag", "policy": "policy only", "secret": "secret", "local": "this computer"}
	if korean {
		heads = []string{"설정", "뜻", "값", "정하지 않으면"}
		words = map[string]string{"flag": "명령줄", "policy": "정책만", "secret": "비밀", "local": "이 컴퓨터"}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | |\n|---|---|---|---|---|\n", strings.Join(heads, " | "))
	code := func(s string) string {
		if s == "" {
			return "–"
		}
		return "`" + s + "`"
	}
	for _, i := range Keys() {
		doc := i.Doc
		if korean {
			doc = inKorean()[i.Key]
		}
		var marks []string
		for _, m := range []struct {
			on   bool
			word string
		}{{i.Flag, "flag"}, {i.PolicyOnly, "policy"}, {i.Sensitive, "secret"}, {i.Local, "local"}} {
			if m.on {
				marks = append(marks, words[m.word])
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", i.Key, doc, strings.ReplaceAll(i.Values, "|", "\\|"), code(i.Default), strings.Join(marks, ", "))
	}
	return b.String()
}

// TestManual: the administrator's pages list every key as it is. With
// -update-manual it writes the tables.
func TestManual(t *testing.T) {
	for _, i := range Keys() {
		if inKorean()[i.Key] == "" {
			t.Errorf("%s has no Korean words", i.Key)
		}
	}
	table := regexp.MustCompile(`(?s)(<!-- settings -->\n).*?(<!-- /settings -->)`)
	for name, korean := range map[string]bool{"administrator.md": false, "administrator.ko.md": true} {
		path := "../../packaging/docs/" + name
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := table.ReplaceAllString(string(page), "${1}"+strings.ReplaceAll(manual(korean), "$", "$$")+"${2}")
		if !table.Match(page) || want == "" {
			t.Errorf("%s has no place for the table", name)
			continue
		}
		if want == string(page) {
			continue
		}
		if !*updateManual {
			t.Errorf("%s does not list the settings as they are; go test ./call/profile -update-manual", name)
			continue
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
