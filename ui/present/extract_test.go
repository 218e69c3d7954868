package present_test

import (
	"errors"
	"testing"

	"nxphone/call"
	"nxphone/ui/present"
)

func TestExtract(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"01012345678", "01012345678"},
		{"010-1234-5678", "01012345678"},
		{" +82 10-1234-5678\n", "01012345678"},
		{"+82 (0)10 1234 5678", "01012345678"},
		{"０１０－１２３４－５６７８", "01012345678"},
		{"tel:+82-2-123-4567", "021234567"},
		{"TEL:021234567;ext=3", "021234567"},
		{`<a href="tel:02-123-4567">02-123-4567</a>`, "021234567"},
		{"전화: 02-123-4567 (내선 3)", "021234567"},
		{"전화 (02) 123-4567", "021234567"},
		{"T. 02)123-4567", "021234567"},
		{"휴대폰 010.1234.5678 로 연락 주세요", "01012345678"},
		{"연락처: 010 1234 5678 (2026-03-02 접수)", "01012345678"},
		{"02-123-4567 / 02-123-4567", "021234567"},
		{"대표번호 1588-0000 (평일 9:00~18:00)", "15880000"},
		{"Call +1 212 555 0100 today", "+12125550100"},
		{"자살예방 상담전화 109", "109"},
		{"0507-1234-5678 안심번호", "050712345678"},
		{"*43", "*43"},
	} {
		got, err := present.Extract(tt.text)
		if err != nil || got != tt.want {
			t.Errorf("%q: %q, %v, want %q", tt.text, got, err, tt.want)
		}
	}
}

// TestExtractDoesNotGuess: a wrong guess calls a stranger.
func TestExtractDoesNotGuess(t *testing.T) {
	for _, text := range []string{
		"010-1234-5678, 010-8765-4321",
		"집 02-123-4567 휴대폰 010-1234-5678",
		"010-1234-5678 010-8765-4321",
		"119 또는 112",
	} {
		if got, err := present.Extract(text); !errors.Is(err, present.ErrAmbiguous) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"홍길동", "2026년 3월 2일", "주문 20260302 건", ""} {
		if got, err := present.Extract(text); got != "" || call.CodeOf(err) == "" {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func FuzzExtract(f *testing.F) {
	f.Add("전화: 02-123-4567 (내선 3)")
	f.Add("tel:+")
	f.Fuzz(func(t *testing.T, text string) {
		if n, err := present.Extract(text); err == nil && present.CheckTel(n) != nil {
			t.Errorf("%q gives %q, which cannot be dialled", text, n)
		}
	})
}
