using System.CommandLine;
using NexusGen.Cli.Options;
using NexusGen.Cli.Pictures;
using NexusGen.Imaging;

namespace NexusGen.Cli.Commands;

/// <summary>Draws, edits and describes with the small model of the repository: shows that everything works on this machine.</summary>
internal sealed class DemoCommand : NexusGenCommand
{
    private const string Prompt = "A cat in a spacesuit";
    private const string Instruction = "Add a pair of sunglasses.";
    private const string Question = "Please give a brief description of the image.";

    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        "The folder that the three files go to. [out]",
        "FOLDER", "-o");

    /// <summary>The command.</summary>
    public DemoCommand(Terminal terminal)
        : base(terminal, "demo", "Draw, edit and describe with the small model of the repository, on a real photo.") => Options.Add(_output);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples => ["nexusgen demo"];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string reference = FindReference();
        string folder = parsed.GetValue(_output) ?? "out";
        RgbImage photo = ImageFile.Read(Path.Combine(reference, "images", "cat.png"));
        using var writable = new OutputFolder(folder);
        using NexusGenModel model = NexusGenModel.Open(Path.Combine(reference, "models", "tiny"));
        output.Line("The weights of this model are random: its pictures are noise and its words are nonsense.");
        output.Line("They show that everything works here. The official weights draw and answer in the same way.");
        using var progress = output.Progress();

        // Random weights seldom choose to draw, so they are made to.
        var forced = new ReplySettings { ForceDrawing = true, MaxNewTokens = 128 };
        var generate = new GenerateRequest(Prompt) { Reply = forced };
        var edit = new EditRequest(photo, Instruction) { Reply = forced };
        var describe = new UnderstandRequest(Question) { Images = [photo], Reply = new ReplySettings { MaxNewTokens = 64 } };

        Save(await model.GenerateAsync(generate, progress, cancellationToken), "drawn.png", "prompt", Prompt);
        Save(await model.EditAsync(edit, progress, cancellationToken), "edited.png", "instruction", Instruction);
        Reply answer = await model.UnderstandAsync(describe, progress, cancellationToken);
        progress.Pause();
        string text = Path.Combine(folder, "described.txt");
        File.WriteAllText(text, answer.PlainText + "\n");
        output.Line($"Saved {text}: {answer.PlainText.ReplaceLineEndings(" ")}");
        return ExitCode.Done;

        void Save(Reply reply, string name, string key, string asked)
        {
            progress.Pause();
            var saver = new PictureSaver(_ => Path.Combine(folder, name), new PictureParameters(key, asked, model.Paths.Root));
            output.Line($"{saver.Save(((PictureReply)reply).Pictures[0])}: {asked}");
        }
    }

    private static string FindReference() =>
        ModelFinder.Upward(Directory.GetCurrentDirectory()).Concat(ModelFinder.Upward(AppContext.BaseDirectory))
            .Select(folder => Path.Combine(folder, "tests", "reference"))
            .FirstOrDefault(folder => Directory.Exists(Path.Combine(folder, "models", "tiny")) && File.Exists(Path.Combine(folder, "images", "cat.png")))
        ?? throw new NexusGenException("The small model was not found: run this inside the repository, which has it in tests/reference.");
}
