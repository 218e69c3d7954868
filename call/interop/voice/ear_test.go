package main

import (
	"strings"
	"testing"
)

func TestEar(t *testing.T) {
	var s Section
	tellEar(&s, []way{
		{from: "nxphone", to: "nxphone", ms: []float64{90, 95, 120}},
		{from: "nxphone", to: "Chromium", ms: []float64{120}},
		{from: "nxphone", to: "nxphone", processing: true, ms: []float64{150}},
		{from: "Chromium", to: "Chromium", processing: true, ms: []float64{140}},
	})
	var got []string
	for _, c := range s.Checks {
		got = append(got, c.What+": "+c.Verdict())
	}
	want := "phone to phone without processing, median: met; phone to phone with all processing, median (bar: Chromium to Chromium): missed by 10.0 ms"
	if strings.Join(got, "; ") != want {
		t.Errorf("%s", strings.Join(got, "; "))
	}
	if rows := s.Tables[0].Rows; len(rows) != 4 || rows[0][5] != "95 ms" || rows[2][2] != "on" {
		t.Errorf("%v", rows)
	}
	if bars := s.Pictures[0].Bars; len(bars) != 3 || bars[0].Values[0] != 95 || bars[0].Values[1] != 150 || bars[2].Values[1] != 140 {
		t.Errorf("%v", bars)
	}
}
