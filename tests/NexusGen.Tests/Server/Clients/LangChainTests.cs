namespace NexusGen.Tests.Server.Clients;

/// <summary>
/// LangChain for JavaScript (npm package <c>@langchain/openai</c>) works with this server unchanged:
/// <c>dotnet test -c Release --filter LangChainTests</c>.
/// </summary>
[Trait("Category", "Slow")]
public sealed class LangChainTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    [Fact]
    public async Task TheClientUnderstandsTheServer()
    {
        await using TestServer server = await ClientServer.StartAsync(tiny.Model);
        using NodeFolder folder = await NodeFolder.InstallAsync("langchain");
        folder.AddSnippet("page.mjs", "@langchain/openai'", server);
        await folder.TestAsync(server, "langchain.test.mjs");
    }
}
