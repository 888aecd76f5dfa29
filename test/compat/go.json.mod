module github.com/bufeomq/bufeo/test/compat

go 1.26.0

require (
	github.com/aws/aws-sdk-go v1.55.8
	github.com/aws/aws-sdk-go-v2 v1.47.7
	github.com/aws/aws-sdk-go-v2/credentials v1.20.15
	github.com/aws/aws-sdk-go-v2/service/sqs v1.52.10
	github.com/aws/smithy-go v1.28.8
)

require github.com/go-json-experiment/json v1.27.2 // indirect

require (
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.5.10 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.8.10 // indirect
	github.com/bufeomq/bufeo v0.0.0
	github.com/jmespath/go-jmespath v0.4.0 // indirect
)

replace github.com/bufeomq/bufeo => ../..
