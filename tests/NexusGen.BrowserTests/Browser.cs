using Microsoft.Playwright;

namespace NexusGen.BrowserTests;

/// <summary>
/// The browser and the model that all tests share. The browser is Chromium of the system's packages, or an installed Chrome.
/// </summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    public NexusGenModel Model { get; } = NexusGenModel.Open(Path.Combine(Repository, "models", "nexus-gen-tiny"));

    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    public async Task InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();

        // The machine may be busy with other work.
        Assertions.SetDefaultExpectTimeout(20_000);
        string? path = Places.FirstOrDefault(File.Exists);
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Channel = path is null ? "chrome" : null,
            Args =
            [
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync"
            ],
        });
    }

    /// <summary>Creates a new browser context, which shares nothing with others.</summary>
    public Task<IBrowserContext> VisitAsync(BrowserNewContextOptions? options = null) =>
        _browser.NewContextAsync(options ?? new BrowserNewContextOptions { Locale = "en-US" });

    public async Task DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
        Model.Dispose();
    }

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "NexusGen.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
