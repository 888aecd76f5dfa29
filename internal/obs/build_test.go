package obs

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestBuild(t *testing.T) {
	settings := []debug.BuildSetting{
		{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2026-01-02T03:04:05Z"}, {Key: "vcs.modified", Value: "true"},
	}
	for name, c := range map[string]struct {
		info debug.BuildInfo
		want Build
	}{
		"unstamped":    {debug.BuildInfo{}, Build{Version: "(devel)"}},
		"own_binary":   {debug.BuildInfo{Main: debug.Module{Path: module, Version: "v1.2.3"}, Settings: settings}, Build{Version: "v1.2.3", Revision: "abc", Time: "2026-01-02T03:04:05Z", Modified: true}},
		"embedded":     {debug.BuildInfo{Main: debug.Module{Path: "example.org/app", Version: "v9"}, Deps: []*debug.Module{{Path: module, Version: "v1.0.0"}}, Settings: settings}, Build{Version: "v1.0.0"}},
		"foreign_test": {debug.BuildInfo{Main: debug.Module{Path: "example.org/app", Version: "v9"}}, Build{Version: "(devel)"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.Go, c.want.Platform = runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH
			if got := build(&c.info); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
