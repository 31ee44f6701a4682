using Microsoft.Playwright;

namespace NexusGen.BrowserTests;

/// <summary>
/// Creates the screenshots of the documentation: <c>dotnet test -c Release tests/NexusGen.BrowserTests --filter Screenshots</c>.
/// </summary>
[Trait("Category", "Screenshots")]
public sealed class Screenshots(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task OfTheStudio()
    {
        string folder = Path.Combine(Browser.Repository, "docs", "images");
        Directory.CreateDirectory(folder);
        await using StudioServer server = await StudioServer.StartAsync(browser.Model);
        await using IBrowserContext visitor = await browser.VisitAsync(new BrowserNewContextOptions
        {
            Locale = "en-US",
            ViewportSize = new ViewportSize { Width = 1000, Height = 760 }
        });
        Studio studio = await Studio.OpenAsync(visitor, server);
        await studio.SayAsync("a red star left of a blue ring", 1);
        await Studio.EditAsync(studio.Pictures.Last);
        await studio.SayAsync("make the ring green", 2);
        await ShootAsync(studio, folder, "studio.png");
        await studio.Pictures.Last.Locator("text=Compare").ClickAsync();
        await Studio.ShownAsync(studio.Page.Locator("#before"));
        for (int i = 0; i < 8; i++)
        {
            await studio.Page.Keyboard.PressAsync("ArrowRight");
        }

        await ShootAsync(studio, folder, "studio-compare.png");
        await studio.LeaveAsync();
        await Studio.EditAsync(studio.Pictures.First);
        await studio.SayAsync("make the star blue", 3);
        await studio.Pictures.Last.Locator("text=History").ClickAsync();
        await ShootAsync(studio, folder, "studio-history.png");
        await studio.LeaveAsync();
        string[] texts = ["a big yellow heart on a black background", "three green circles", "two purple squares"];
        foreach (string text in texts)
        {
            await studio.ChooseAsync("draw");
            await studio.SayAsync(text, await studio.Pictures.CountAsync() + 1);
        }

        await studio.OpenGalleryAsync();
        await studio.Gallery.First.Locator(".star").CheckAsync();
        await ShootAsync(studio, folder, "studio-gallery.png");

        await using IBrowserContext phone = await browser.VisitAsync(new BrowserNewContextOptions
        {
            Locale = "zh-CN",
            ViewportSize = new ViewportSize { Width = 390, Height = 760 },
            ColorScheme = ColorScheme.Dark,
        });
        Studio small = await Studio.OpenAsync(phone, server);
        await small.SayAsync("画三个绿色的圆形", 1);
        await ShootAsync(small, folder, "studio-phone.png");
        Assert.Equal(5, Directory.GetFiles(folder, "studio*.png").Length);
    }

    private static async Task ShootAsync(Studio studio, string folder, string name)
    {
        await studio.Page.WaitForTimeoutAsync(500);
        await studio.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name) });
    }
}
