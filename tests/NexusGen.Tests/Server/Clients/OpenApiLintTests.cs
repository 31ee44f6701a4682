namespace NexusGen.Tests.Server.Clients;

/// <summary>
/// A linter for OpenAPI (npm package <c>@redocly/cli</c>) finds no error in the document:
/// <c>dotnet test -c Release --filter OpenApiLintTests</c>.
/// </summary>
[Trait("Category", "Slow")]
public sealed class OpenApiLintTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Fact]
    public async Task TheLinterFindsNoError()
    {
        using NodeFolder folder = await NodeFolder.InstallAsync("redocly");
        await File.WriteAllTextAsync(folder["openapi.json"], await tiny.Server.Http.GetStringAsync("/openapi/v1.json"));
        folder.Environment["REDOCLY_TELEMETRY"] = "off";
        string linter = Path.Combine("node_modules", "@redocly", "cli", "bin", "cli.js");
        string said = await folder.RunAsync("node", linter, "lint", "openapi.json", "--extends", "recommended");
        Assert.Contains("is valid", said);
    }
}
