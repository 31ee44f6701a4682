using Microsoft.Playwright;

namespace NexusGen.BrowserTests;

/// <summary>
/// The base of tests with their own server and one visitor, whose page must not have reported an error at the end.
/// </summary>
public abstract class VisitorTest(Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    protected Browser Browser { get; } = browser;

    private protected StudioServer Server { get; private set; } = null!;

    private protected IBrowserContext Visitor { get; private set; } = null!;

    private protected Studio Studio { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await StudioServer.StartAsync(Browser.Model);
        Visitor = await Browser.VisitAsync();
        Studio = await Studio.OpenAsync(Visitor, Server);
    }

    public async Task DisposeAsync()
    {
        await Visitor.DisposeAsync();
        await Server.DisposeAsync();
        Assert.Empty(Studio.Errors);
    }
}
