using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>Tests of before and after in the viewer.</summary>
public sealed class StudioCompareTests(Browser browser) : VisitorTest(browser)
{
    private ILocator Plane => Studio.Page.Locator("#plane");

    private ILocator Divider => Studio.Page.Locator("#divider");

    private IKeyboard Keys => Studio.Page.Keyboard;

    [Fact]
    public async Task TheDividerIsDraggedAndMovedByKeys()
    {
        await Studio.SayAsync("a red star left of a blue ring", 1);
        await Studio.SayAsync("make the ring green", 2);
        await Studio.Pictures.Last.Locator("text=Compare").ClickAsync();
        await Expect(Divider).ToBeFocusedAsync();
        await Studio.ShownAsync(Studio.Page.Locator("#before"));
        Assert.NotEqual(
            await Studio.Page.Locator("#before").GetAttributeAsync("src"),
            await Studio.Page.Locator("#after").GetAttributeAsync("src"));
        await Expect(Divider).ToHaveAttributeAsync("aria-valuenow", "50");

        // The left side shows the image before the edit.
        LocatorBoundingBoxResult plane = await BoxAsync(Plane);
        await Studio.Page.Mouse.MoveAsync(plane.X + (plane.Width / 2), plane.Y + 60);
        await Studio.Page.Mouse.DownAsync();
        await Studio.Page.Mouse.MoveAsync(plane.X + (plane.Width * 0.8f), plane.Y + 80, new() { Steps = 4 });
        await Studio.Page.Mouse.UpAsync();
        await Expect(Divider).ToHaveAttributeAsync("aria-valuenow", "80");
        await Expect(Divider).ToHaveAttributeAsync("aria-valuetext", "80 % before");
        Assert.Matches(@"^inset\(0px (19|20)[.\d]*% 0px 0px\)$", await ClipAsync());
        await Expect(Divider).ToBeFocusedAsync();
        await Keys.PressAsync("ArrowLeft");
        await Expect(Divider).ToHaveAttributeAsync("aria-valuenow", "78");
        await Keys.PressAsync("End");
        Assert.Matches(@"^inset\(0px(?: 0(px|%) 0px 0px)?\)$", await ClipAsync());
        await Keys.PressAsync("Home");
        await Expect(Divider).ToHaveAttributeAsync("aria-valuenow", "0");

        // A neighbour is shown alone.
        await Studio.Page.Locator("#earlier").ClickAsync();
        await Expect(Divider).ToBeHiddenAsync();
        await Expect(Studio.Page.Locator("#to-compare")).ToBeHiddenAsync();
        await Keys.PressAsync("ArrowRight");
        await Studio.Page.Locator("#to-compare").ClickAsync();
        await Expect(Divider).ToBeVisibleAsync();
        await Studio.Page.Locator("#to-compare").ClickAsync();
        await Expect(Divider).ToBeHiddenAsync();
    }

    [Fact]
    public async Task PicturesOfDifferentSizesAreCompared()
    {
        // Wide before, square after: both are as long as the room, and the one hides the other to its edges.
        await Studio.Page.Locator("#file").SetInputFilesAsync(new FilePayload
        {
            Name = "wide.png",
            MimeType = "image/png",
            Buffer = await WideAsync(),
        });
        await Expect(Studio.Attached).ToHaveCountAsync(1);
        await Studio.ChooseAsync("edit");
        await Studio.SetAsync("width", "112");
        await Studio.SetAsync("height", "112");
        await Studio.SayAsync("make it red", 1);
        await Studio.Pictures.Last.Locator("text=Compare").ClickAsync();
        await Studio.ShownAsync(Studio.Page.Locator("#before"));
        LocatorBoundingBoxResult plane = await BoxAsync(Plane);
        Assert.Equal(plane.Width, plane.Height, 1f);
        foreach (string name in (string[])["before", "after"])
        {
            ILocator image = Studio.Page.Locator($"#{name}");
            Assert.Equal(plane.Width, (await BoxAsync(image)).Width, 1f);
            Assert.Equal("contain", await image.EvaluateAsync<string>("image => getComputedStyle(image).objectFit"));
        }

        Assert.Equal(2, await Studio.Page.Locator("#before").EvaluateAsync<double>(
            "image => image.naturalWidth / image.naturalHeight"));
        LocatorBoundingBoxResult divider = await BoxAsync(Divider);
        Assert.Equal(plane.Height, divider.Height, 1f);
    }

    private static async Task<LocatorBoundingBoxResult> BoxAsync(ILocator element) => (await element.BoundingBoxAsync())!;

    // A picture that is twice as wide as high.
    private async Task<byte[]> WideAsync() => Convert.FromBase64String(await Studio.Page.EvaluateAsync<string>("""
        () => {
          const canvas = Object.assign(document.createElement('canvas'), { width: 200, height: 100 });
          canvas.getContext('2d').fillRect(20, 20, 60, 60);
          return canvas.toDataURL().split(',')[1];
        }
        """));

    private Task<string> ClipAsync() =>
        Studio.Page.Locator("#before").EvaluateAsync<string>("image => getComputedStyle(image).clipPath");
}
