module github.com/bufeomq/bufeo/test/bench

go 1.26.0

require github.com/bufeomq/bufeo v0.0.0

replace github.com/bufeomq/bufeo => ../..
