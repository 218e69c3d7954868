package present_test

import (
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/ui/present"
)

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 12345: "12,345", 1234567: "1,234,567", -1234: "-1,234", -12: "-12"} {
		if got := present.Thousands(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

// TestLocalForms writes numbers and times as each language does.
func TestLocalForms(t *testing.T) {
	seoul := time.FixedZone("KST", 9*3600)
	at := func(y int, m time.Month, d, h, min int) time.Time { return time.Date(y, m, d, h, min, 0, 0, seoul) }
	now := at(2026, 3, 2, 15, 4)
	ko, en := text.For(text.Korean), text.For(text.English)
	for _, tt := range []struct {
		name   string
		write  func(present.Texts) string
		ko, en string
	}{
		{"one day", func(x present.Texts) string { return present.Count(x, "days", 1) }, "1일", "1 day"},
		{"days", func(x present.Texts) string { return present.Count(x, "days", 30) }, "30일", "30 days"},
		{"none", func(x present.Texts) string { return present.Count(x, "minutes", 0) }, "0분", "0 minutes"},
		{"many", func(x present.Texts) string { return present.Count(x, "minutes", 1440) }, "1,440분", "1,440 minutes"},
		{"seconds", func(x present.Texts) string { return present.Length(x, 59*time.Second+900*time.Millisecond) }, "59초", "59 s"},
		{"minutes", func(x present.Texts) string { return present.Length(x, 204*time.Second) }, "3분 24초", "3 min 24 s"},
		{"whole minutes", func(x present.Texts) string { return present.Length(x, 5*time.Minute) }, "5분", "5 min"},
		{"hours", func(x present.Texts) string { return present.Length(x, 65*time.Minute+3*time.Second) }, "1시간 5분", "1 h 5 min"},
		{"whole hours", func(x present.Texts) string { return present.Length(x, 2*time.Hour) }, "2시간", "2 h"},
		{"nothing", func(x present.Texts) string { return present.Length(x, -time.Second) }, "0초", "0 s"},
		{"midnight", func(x present.Texts) string { return present.TimeOfDay(x, at(2026, 3, 2, 0, 5)) }, "오전 12:05", "12:05 AM"},
		{"noon", func(x present.Texts) string { return present.TimeOfDay(x, at(2026, 3, 2, 12, 0)) }, "오후 12:00", "12:00 PM"},
		{"this year", func(x present.Texts) string { return present.Date(x, at(2026, 2, 28, 9, 0), now) }, "2월 28일 (토)", "Sat 28 February"},
		{"last year", func(x present.Texts) string { return present.Date(x, at(2025, 12, 31, 9, 0), now) }, "2025년 12월 31일 (수)", "Wed 31 December 2025"},
		{"today", func(x present.Texts) string { return present.When(x, at(2026, 3, 2, 9, 30), now) }, "오전 9:30", "9:30 AM"},
		{"yesterday", func(x present.Texts) string { return present.When(x, at(2026, 3, 1, 23, 59), now) }, "어제 오후 11:59", "yesterday 11:59 PM"},
		{"long ago", func(x present.Texts) string { return present.When(x, at(2025, 12, 31, 9, 0), now) }, "2025년 12월 31일 (수) 오전 9:00", "Wed 31 December 2025, 9:00 AM"},
		{"tomorrow", func(x present.Texts) string { return present.When(x, at(2026, 3, 3, 9, 0), now) }, "3월 3일 (화) 오전 9:00", "Tue 3 March, 9:00 AM"},
	} {
		if got := tt.write(ko); got != tt.ko {
			t.Errorf("%s: ko %q, want %q", tt.name, got, tt.ko)
		}
		if got := tt.write(en); got != tt.en {
			t.Errorf("%s: en %q, want %q", tt.name, got, tt.en)
		}
	}
}

func TestTelephone(t *testing.T) {
	for in, want := range map[string]string{
		"01012345678": "010-1234-5678", "0212345678": "02-1234-5678", "15880000": "1588-0000", "109": "109", "*43": "*43",
		"+821012345678": "+82 10-1234-5678", "+82212345678": "+82 2-1234-5678", "+8201012345678": "+82 10-1234-5678",
		"+13125550100": "+13125550100", "+82": "+82", "kim": "kim", "": "", "+82kim": "+82kim",
	} {
		if got := present.Telephone(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
