using System.IO.Compression;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>Tests of saved files: with and without their parameters, and brought back.</summary>
public sealed class StudioSavingTests(Browser browser) : GalleryTest(browser)
{
    [Fact]
    public async Task FilesAreSavedWithoutParametersIfTheUserChoosesSo()
    {
        await Studio.SayAsync("a red star", 1);
        await Studio.SayAsync("a blue ring", 2);
        await Studio.OpenGalleryAsync();
        await Button(0).ClickAsync();
        Assert.Contains("tEXt", await SavedAsync("#actions >> text=Download"));
        ILocator choice = Page.Locator("#details").GetByRole(AriaRole.Switch, new() { Name = "Text and settings" });
        await choice.UncheckAsync();
        Assert.DoesNotContain("tEXt", await SavedAsync("#actions >> text=Download"));

        // It is remembered, and one for the whole page.
        await Page.Keyboard.PressAsync("Escape");
        await Page.Locator("#tab-talk").ClickAsync();
        Assert.DoesNotContain("tEXt", await SavedAsync("#log figure >> nth=0 >> text=Download"));
        await Studio.OpenGalleryAsync();
        await Page.ReloadAsync();
        await Page.Locator("#select").ClickAsync();
        await Expect(Page.Locator("#selection input[role=switch]")).Not.ToBeCheckedAsync();
        await Page.Locator("#select-all").ClickAsync();
        IDownload file = await Page.RunAndWaitForDownloadAsync(() => Page.Locator("#selected-save").ClickAsync());
        using (ZipArchive archive = ZipFile.OpenRead((await file.PathAsync())!))
        {
            Assert.Equal(2, archive.Entries.Count);
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                using var reader = new StreamReader(entry.Open(), System.Text.Encoding.Latin1);
                Assert.DoesNotContain("tEXt", await reader.ReadToEndAsync());
            }
        }
    }

    [Fact]
    public async Task APictureThatWasDrawnHereOffersItsTextAndSettings()
    {
        const string text = "a red star <img src=x onerror=alert(1)> for $& and $'";
        await Studio.SetAsync("steps", "3");
        await Studio.SetAsync("seed", "77");
        await Studio.ChooseAsync("draw");
        await Studio.SayAsync(text, 1);
        string id = (await Studio.Pictures.First.GetAttributeAsync("data-picture"))!;
        using var http = new HttpClient();
        byte[] file = await http.GetByteArrayAsync($"{Server.Address}studio/api/pictures/{id}/file");
        await Studio.SetAsync("steps", "");
        await Studio.SetAsync("seed", "");
        await Page.Locator("#new").ClickAsync();
        ILocator offer = Page.Locator("#offer");
        await Expect(offer).ToBeHiddenAsync();
        await ChooseFileAsync(file);
        await Expect(Studio.Attached).ToHaveCountAsync(1);
        await Expect(offer).ToContainTextAsync("This picture says how it was drawn:");
        await Expect(offer.Locator("q")).ToHaveTextAsync(text);
        await offer.Locator("text=Use its text").ClickAsync();
        await Expect(Studio.Prompt).ToHaveValueAsync(text);
        await Expect(Page.Locator("#seed")).ToHaveValueAsync("");
        await offer.Locator("text=Use its settings").ClickAsync();
        await Expect(Page.Locator("#seed")).ToHaveValueAsync("77");
        await Expect(Page.Locator("#steps")).ToHaveValueAsync("3");
        await StudioReachTests.CheckAsync(Studio, "#offer");

        // Without the picture there is no offer, and none for other pictures.
        await Page.Locator("#attached button").ClickAsync();
        await Expect(offer).ToBeHiddenAsync();
        await ChooseFileAsync(await File.ReadAllBytesAsync(
            Path.Combine(Browser.Repository, "tests", "reference", "images", "cat.png")));
        await Expect(Studio.Attached).ToHaveCountAsync(1);
        await Expect(offer).ToBeHiddenAsync();
    }

    private Task ChooseFileAsync(byte[] file) => Page.Locator("#file").SetInputFilesAsync(
        new FilePayload { Name = "saved.png", MimeType = "image/png", Buffer = file });

    private async Task<string> SavedAsync(string button)
    {
        IDownload file = await Page.RunAndWaitForDownloadAsync(() => Page.Locator(button).ClickAsync());
        return System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync((await file.PathAsync())!));
    }
}
