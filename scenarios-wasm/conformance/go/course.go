package main

import (
	"fmt"
	"strings"
	"time"

	"vuelo"
)

func groups() error {
	vuelo.BeginGroup("outer")
	vuelo.Check("in outer", true)
	vuelo.BeginGroup("inner")
	vuelo.Check("in inner", true)
	vuelo.EndGroup()
	vuelo.EndGroup()
	vuelo.BeginGroup("left-open")
	vuelo.Check("in left-open", true)
	return nil
}

func tags() error {
	things := vuelo.NewCounter("things")
	if vuelo.VUIteration() > 0 {
		things.Add(1)
		return nil
	}
	vuelo.SetTag("passing", "1")
	things.Add(1)
	vuelo.RemoveTag("passing")
	things.Add(1)
	vuelo.SetTag("passing", "2")
	return nil
}

func numbers() error {
	say("numbers", fmt.Sprintf("%d,%d,%d,%s",
		vuelo.VU(), vuelo.VUIteration(), vuelo.ScenarioIteration(), vuelo.ScenarioName()))
	return nil
}

func random() error {
	level := vuelo.NewGauge("level")
	for _, draw := range []string{"1", "2", "3"} {
		level.Set(vuelo.Random(), vuelo.Tag{"draw", draw})
	}
	return nil
}

func sleep() error {
	vuelo.Sleep(30 * time.Millisecond)
	vuelo.SleepBetween(20*time.Millisecond, 40*time.Millisecond)
	vuelo.SleepBetween(10*time.Millisecond, 5*time.Millisecond)
	vuelo.Sleep(0)
	return nil
}

func abort() error {
	vuelo.Abort("enough: Grüße")
	say("after", "abort")
	return nil
}

func markFailed() error {
	vuelo.MarkFailed("not good: Grüße")
	say("after", true)
	return nil
}

func log() error {
	vuelo.Debugf("debug: Grüße 世界 🦉")
	vuelo.Infof("info: Grüße 世界 🦉")
	vuelo.Warnf("warn: Grüße 世界 🦉")
	vuelo.Errorf("error: Grüße 世界 🦉")
	return nil
}

func clock() error {
	say("clock", time.Now().Unix())
	before := time.Now()
	vuelo.Sleep(20 * time.Millisecond)
	say("monotonic", time.Since(before) >= 15*time.Millisecond)
	return nil
}

func texts() error {
	say("empty", "")
	say("nul", "a\x00b")
	say("long", strings.Repeat("ü", 65536))
	return nil
}
