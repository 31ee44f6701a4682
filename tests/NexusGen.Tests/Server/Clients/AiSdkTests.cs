namespace NexusGen.Tests.Server.Clients;

/// <summary>
/// The AI SDK (npm package <c>ai</c>) works with this server unchanged, with its provider for OpenAI, which speaks the Responses
/// API, and with the one for compatible servers: <c>dotnet test -c Release --filter AiSdkTests</c>.
/// </summary>
[Trait("Category", "Slow")]
public sealed class AiSdkTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Theory]
    [InlineData("@ai-sdk/openai", "responses.test.mjs")]
    [InlineData("@ai-sdk/openai-compatible", "chat.test.mjs")]
    public async Task TheProviderUnderstandsTheServer(string provider, string tests)
    {
        await using TestServer server = await ClientServer.StartAsync(tiny.Model);
        using NodeFolder folder = await NodeFolder.InstallAsync("ai-sdk");
        folder.AddSnippet("page.mjs", provider + "'", server);
        await folder.TestAsync(server, tests);
    }
}
