module sigv2-from-go

go 1.26.6

require (
	example.com/pulumi-sigv2/sdk/go v0.0.0
	github.com/pulumi/pulumi/sdk/v3 v3.274.1
)

// What `pulumi install` makes of the package that Pulumi.yaml names.
replace example.com/pulumi-sigv2/sdk/go => ./sdks/sigv2
