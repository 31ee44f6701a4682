using System.Net;
using System.Text.RegularExpressions;
using NexusGen.Cli.Core;
using NexusGen.Imaging;

namespace NexusGen.Tests.Packaging;

/// <summary>The samples do what they show.</summary>
public sealed class SampleTests
{
    private static readonly string Model = Path.GetFullPath(ModelFinder.FindTiny());

    [Fact]
    public async Task TheConsoleChatDrawsEditsAndLooksAtPictures()
    {
        using var folder = new TemporaryFolder();
        using RunningProgram chat = Start(folder.Path, "ConsoleChat", Model);
        await chat.Input.WriteLineAsync("Draw a picture: a red star");
        await chat.Input.WriteLineAsync("make it blue");
        await chat.Input.WriteLineAsync("/picture nowhere.png");
        await chat.Input.WriteLineAsync("/picture picture-2.png");
        await chat.Input.WriteLineAsync("what is in this picture?");
        Assert.True(await chat.EndAsync() == 0, chat.Said);
        Assert.Contains("[picture-1.png]", chat.Said);
        Assert.Contains("There is no file nowhere.png", chat.Said);
        Assert.Matches("> (?!.*\\[picture)[^>]*star[^>]*\n", chat.Said + "\n");
        Assert.NotEqual(ImageFile.Read(folder["picture-1.png"]).Pixels.ToArray(), ImageFile.Read(folder["picture-2.png"]).Pixels.ToArray());
        Assert.False(File.Exists(folder["picture-3.png"]));
    }

    [Fact]
    public async Task TheMinimalApiDrawsEditsAndAnswers()
    {
        using var folder = new TemporaryFolder();
        using RunningProgram api = Start(folder.Path, "MinimalApi", "--urls", "http://127.0.0.1:0", "--Model", Model);
        string line = await api.SaysAsync(line => line.Contains("Now listening on", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = new Uri(Regex.Match(line, "http://\\S+").Value) };
        byte[] star = await http.GetByteArrayAsync("/draw?prompt=a+red+star&seed=3");
        Assert.Equal(112, ImageFile.Read(star).Width);
        using var picture = new ByteArrayContent(star);
        picture.Headers.Add("Content-Type", "image/png");
        byte[] blue = await (await http.PostAsync("/edit?prompt=make+the+star+blue", picture)).Content.ReadAsByteArrayAsync();
        Assert.NotEqual(ImageFile.Read(star).Pixels.ToArray(), ImageFile.Read(blue).Pixels.ToArray());
        Assert.Contains("star", await (await http.PostAsync("/ask?question=what+is+in+this+picture", picture)).Content.ReadAsStringAsync());
        using var broken = new ByteArrayContent([1, 2, 3]);
        broken.Headers.Add("Content-Type", "image/png");
        using HttpResponseMessage refused = await http.PostAsync("/ask?question=what", broken);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.DoesNotContain("   at ", await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task TheBatchJobDrawsAllAndGoesOnWhereItWas()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["prompts.txt"], ["Draw a picture: a red star", "", "Draw a picture: a blue ring", "画两个绿色的圆形"]);
        using (RunningProgram job = Start(folder.Path, "BatchJob", "prompts.txt", "out", Model))
        {
            Assert.True(await job.EndAsync() == 0, job.Said);
            Assert.Contains("3 prompts, 0 drawn before", job.Said);
        }

        Assert.Equal(["0001.png", "0002.png", "0003.png"], Directory.GetFiles(folder["out"]).Select(Path.GetFileName).Order());
        Assert.Equal("Draw a picture: a blue ring", ImageFile.ReadParameters(folder["out/0002.png"])["prompt"]);
        File.Delete(folder["out/0002.png"]);
        DateTime before = File.GetLastWriteTimeUtc(folder["out/0001.png"]);
        using RunningProgram again = Start(folder.Path, "BatchJob", "prompts.txt", "out", Model);
        Assert.True(await again.EndAsync() == 0, again.Said);
        Assert.Contains("3 prompts, 2 drawn before", again.Said);
        Assert.True(File.Exists(folder["out/0002.png"]));
        Assert.Equal(before, File.GetLastWriteTimeUtc(folder["out/0001.png"]));

        using RunningProgram wrong = Start(folder.Path, "BatchJob", "nowhere.txt", "out", Model);
        Assert.Equal(1, await wrong.EndAsync());
        Assert.Contains("There is no file nowhere.txt", wrong.Said);
    }

    [Fact]
    public void EverySampleIsInTheList()
    {
        string samples = Path.Combine(PackedLibraries.Repository, "samples"), list = File.ReadAllText(Path.Combine(samples, "README.md"));
        string[] names = [.. Directory.GetDirectories(samples).Select(folder => Path.GetFileName(folder)!)];
        Assert.Equal(3, names.Length);
        Assert.All(names, name => Assert.Contains($"--project samples/{name}", list));
    }

    // As built with these tests, and run by the runtime that runs them.
    private static RunningProgram Start(string folder, string sample, params string[] arguments)
    {
        string built = Path.Combine(PackedLibraries.Repository, "artifacts", "bin", sample, new DirectoryInfo(AppContext.BaseDirectory).Name.Split('_')[0], sample + ".dll");
        return RunningProgram.Start(folder, Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", [built, .. arguments]);
    }
}
