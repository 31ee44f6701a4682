using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>Tests of how images are generated as a user sets it: sizes, seeds, steps, several images.</summary>
public sealed class StudioSettingsTests(Browser browser) : VisitorTest(browser)
{
    [Fact]
    public async Task AnotherSizeIsResizedAndSaysSo()
    {
        await Studio.SetAsync("width", "256");
        await Studio.SetAsync("height", "128");
        await Studio.SayAsync("a red star", 1);
        await Expect(Studio.Page.Locator(".answer .hint")).ToHaveTextAsync("The model draws 112×112; the picture was resized.");
    }

    [Fact]
    public async Task AnotherSeedDrawsAVariationAndTheDrawerDecidesHow()
    {
        await Studio.PretendSeedsMatterAsync();
        await Studio.SetAsync("steps", "3");
        await Studio.SetAsync("seed", "77");
        await Studio.SayAsync("一个红色的星星", 1);
        await Studio.Pictures.First.Locator("text=Details").ClickAsync();
        Assert.Equal(
            ("77", "3", "一个红色的星星"),
            (await Studio.FactAsync("Seed"), await Studio.FactAsync("Steps"), await Studio.FactAsync("Text")));
        await Studio.LeaveAsync();
        await Studio.Pictures.First.Locator("text=Variation").ClickAsync();
        await Studio.DrawnAsync(2);
        await Studio.Pictures.Last.Locator("text=Details").ClickAsync();
        Assert.NotEqual("77", await Studio.FactAsync("Seed"));
        await Studio.LeaveAsync();

        // The conversation and the drawer are restored after the page was reloaded.
        await Studio.Page.ReloadAsync();
        await Studio.DrawnAsync(2);
        Assert.Equal("3", await Studio.Page.Locator("#steps").InputValueAsync());
        await Studio.Page.Locator("#new").ClickAsync();
        await Expect(Studio.Pictures).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task TheTextAndSettingsOfAPictureAreUsedAgain()
    {
        await Studio.SetAsync("steps", "3");
        await Studio.SetAsync("seed", "77");
        await Studio.SayAsync("a red star", 1);
        await Studio.SetAsync("steps", "");
        await Studio.SetAsync("seed", "");
        await Studio.OpenGalleryAsync();
        await Studio.Gallery.First.Locator("button").ClickAsync();
        await Visitor.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await Studio.Page.Locator("#actions >> text=Copy text").ClickAsync();
        await Expect(Studio.Toast).ToHaveTextAsync("Copied.");
        Assert.Equal("a red star", await Studio.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()"));
        await Studio.Page.Locator("#actions >> text=Use settings").ClickAsync();
        await Expect(Studio.Prompt).ToBeFocusedAsync();
        await Expect(Studio.Prompt).ToHaveValueAsync("a red star");
        await Studio.ChooseAsync("draw");
        await Studio.Page.Locator("#send").ClickAsync();
        await Studio.DrawnAsync(2);
        await Studio.Pictures.Last.Locator("text=Details").ClickAsync();
        Assert.Equal(("77", "3"), (await Studio.FactAsync("Seed"), await Studio.FactAsync("Steps")));
    }

    [Fact]
    public async Task TheSizesOfAModelAreOffered()
    {
        // The model that ships has one size, which is no choice.
        await Expect(Studio.Page.Locator("#model")).Not.ToBeEmptyAsync();
        await Expect(Studio.Page.Locator("#shape")).ToBeHiddenAsync();
        await Studio.PretendAsync("[\"112x112\"]", "[\"112x112\",\"224x112\"]");
        await Studio.Page.Locator("#shape").SelectOptionAsync("224×112");
        IRequest sent = await Studio.Page.RunAndWaitForRequestAsync(
            () => Studio.SayAsync("a red star", 1), request => request.Url.EndsWith("/turns", StringComparison.Ordinal));
        Assert.Contains("\"size\":\"224x112\"", sent.PostData);
    }

    [Fact]
    public async Task SettingsThatCantBeUsedAreShownAndNothingIsSent()
    {
        await Studio.Page.Locator("#open-settings").ClickAsync();
        await Studio.Page.Locator("#steps").FillAsync("0");
        await Studio.Page.Keyboard.PressAsync("Escape");
        await Expect(Studio.Page.Locator("#settings")).ToBeVisibleAsync();
        await Studio.Page.Locator("#steps").FillAsync("2");
        await Studio.Page.Locator("#settings button.primary").ClickAsync();
        await Expect(Studio.Page.Locator("#settings")).ToBeHiddenAsync();
        await Studio.SayAsync("a red star", 1);
    }

    [Fact]
    public async Task SeveralPicturesAreDrawnAtOnce()
    {
        // All seeds of the model that ships draw the same.
        await Expect(Studio.Page.Locator("#model")).Not.ToBeEmptyAsync();
        await Expect(Studio.Page.Locator("#count")).ToBeHiddenAsync();
        await Studio.PretendSeedsMatterAsync();
        await Studio.Page.Locator("#count").SelectOptionAsync("3");
        await Studio.SayAsync("a red star", 3);
        await Expect(Studio.Page.Locator(".question")).ToHaveCountAsync(1);
    }
}
