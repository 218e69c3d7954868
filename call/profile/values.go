package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// parse checks a value given as text and stores it into s. Lists are JSON.
// The error gives the rule, not the value.
func (f field) parse(s *Settings, text string) error {
	switch p := f.at(s).(type) {
	case *string:
		if err := f.checkText(text); err != nil {
			return err
		}
		*p = text
	case *bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("must be true or false")
		}
		*p = v
	case *int:
		v, err := strconv.Atoi(text)
		if err != nil {
			return errors.New("must be a whole number, " + f.rule.values)
		}
		return f.store(s, v)
	case *time.Duration:
		v, err := time.ParseDuration(text)
		if err != nil {
			return errors.New("must be a length of time such as 90s or 2m, " + f.rule.values)
		}
		return f.store(s, v)
	default:
		return f.decode(s, []byte(text))
	}
	return nil
}

// store keeps a number or a length of time that is within its rule.
func (f field) store(s *Settings, v any) error {
	switch p := f.at(s).(type) {
	case *int:
		n := v.(int)
		if int64(n) < f.rule.least || int64(n) > f.rule.most {
			return errors.New("must be a whole number, " + f.rule.values)
		}
		*p = n
	case *time.Duration:
		d := v.(time.Duration)
		if int64(d) < f.rule.least || int64(d) > f.rule.most {
			return errors.New("must be a length of time, " + f.rule.values)
		}
		*p = d
	}
	return nil
}

// decode is parse for a value given as JSON. A length of time is a string
// there, a count is a number. Of a list of origins those that are right are
// stored even where others are wrong: a slip of the pen in one must not shut
// out the pages of the rest.
func (f field) decode(s *Settings, raw []byte) error {
	// A null would be taken as "no change" by encoding/json.
	if string(bytes.TrimSpace(raw)) == "null" {
		return errors.New("must not be null")
	}
	switch p := f.at(s).(type) {
	case *string, *time.Duration:
		var text string
		if err := strict(raw, &text); err != nil {
			return errors.New("must be a string")
		}
		return f.parse(s, text)
	case *bool:
		if err := strict(raw, p); err != nil {
			return errors.New("must be true or false")
		}
	case *int:
		var n int
		if err := strict(raw, &n); err != nil {
			return errors.New("must be a whole number, " + f.rule.values)
		}
		return f.store(s, n)
	case *[]ICEServer:
		return list(raw, p, "objects with url and user", checkServers)
	case *[]Header:
		return list(raw, p, "objects with name and value", checkHeaders)
	case *[]SpeedDial:
		return list(raw, p, "objects with name and tel", checkDials)
	case *[]HeadsetProfile:
		return list(raw, p, "objects with name, microphone, speaker and ringer", checkHeadsets)
	case *[]string:
		var v []string
		if err := strict(raw, &v); err != nil {
			return errors.New("must be an array of strings")
		}
		if f.adds() {
			var err error
			*p, err = origins(v)
			return err
		}
		for i, text := range v {
			if err := f.checkText(text); err != nil {
				return fmt.Errorf("item %d: %w", i+1, err)
			}
		}
		*p = v
	}
	return nil
}

// list decodes an array of records and stores it where all of them are right.
func list[T any](raw []byte, p *[]T, want string, check func([]T) error) error {
	var v []T
	if err := strict(raw, &v); err != nil {
		return errors.New("must be an array of " + want)
	}
	if err := check(v); err != nil {
		return err
	}
	*p = v
	return nil
}

// text is the value in s, as parse would take it.
func (f field) text(s *Settings) string {
	switch p := f.at(s).(type) {
	case *string:
		return *p
	case *bool:
		return strconv.FormatBool(*p)
	case *int:
		return strconv.Itoa(*p)
	case *time.Duration:
		return length(*p)
	}
	return string(f.encode(s))
}

// length spells a length of time without the noughts that Go adds: 2m, not
// 2m0s.
func length(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// encode is the value in s as JSON.
func (f field) encode(s *Settings) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	// Names and URLs are read by people: "&" stays "&".
	e.SetEscapeHTML(false)
	v := f.at(s)
	switch p := v.(type) {
	case *time.Duration:
		v = length(*p)
	case *[]ICEServer:
		v = append([]ICEServer{}, *p...) // an empty list is [], not null, which slices.Concat makes of it
	case *[]Header:
		v = append([]Header{}, *p...)
	case *[]SpeedDial:
		v = append([]SpeedDial{}, *p...)
	case *[]HeadsetProfile:
		v = append([]HeadsetProfile{}, *p...)
	case *[]string:
		v = append([]string{}, *p...)
	}
	// Strings, numbers, booleans and structs of strings cannot fail to encode.
	_ = e.Encode(v)
	return bytes.TrimSpace(b.Bytes())
}

// values says what the key takes; see [Info].Values.
func (f field) values() string {
	if f.rule.values != "" {
		return f.rule.values
	}
	switch f.at(new(Settings)).(type) {
	case *string:
		return "text"
	case *bool:
		return "true, false"
	}
	return "JSON array"
}

func (f field) checkText(text string) error {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return errors.New("must not contain control characters")
	}
	if f.rule.check != nil {
		return f.rule.check(text)
	}
	return nil
}

// strict decodes JSON and refuses members that the type does not have: a
// misspelt "ulr" should be told, not ignored.
func strict(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("more than one value")
	}
	return nil
}
