namespace NexusGen.Tests.Server.Clients;

/// <summary>
/// The official client for JavaScript (npm package <c>openai</c>) works with this server unchanged:
/// <c>dotnet test -c Release --filter OpenAINodeTests</c>.
/// </summary>
[Trait("Category", "Slow")]
public sealed class OpenAINodeTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Fact]
    public async Task TheClientForJavaScriptUnderstandsTheServer()
    {
        await using TestServer server = await ClientServer.StartAsync(tiny.Model);
        using NodeFolder folder = await NodeFolder.InstallAsync("openai");
        folder.AddSnippet("page.mjs", "openai'", server);
        await folder.TestAsync(server, "openai.test.mjs");
    }
}
