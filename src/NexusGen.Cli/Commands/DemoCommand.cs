using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Pictures;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Commands;

/// <summary>Draws, edits and describes with the small model of the repository, and shows all of it on a contact sheet.</summary>
internal sealed class DemoCommand : NexusGenCommand
{
    private const int Columns = 3;

    private static readonly string[] Prompts = ["Draw two red stars left of a blue ring.", "画一个绿色的爱心和一个黄色的圆形。", "Three purple triangles on a black background"];
    private static readonly string[] Instructions = ["Make the ring green.", "把背景改成黑色。"];
    private static readonly string[] Questions = ["What is in the picture?", "图里有什么？"];

    private readonly Option<string?> _output = OptionOf.Text("--output", "The folder that the pictures and the contact sheet go to. [out]", "FOLDER", "-o");

    /// <summary>The command.</summary>
    public DemoCommand(Terminal terminal)
        : base(terminal, "demo", "Draw three pictures, edit one twice and describe it, with the small model of the repository.") => Options.Add(_output);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples => ["nexusgen demo"];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string folder = parsed.GetValue(_output) ?? "out";
        using var writable = new OutputFolder(folder);
        using NexusGenModel model = NexusGenModel.Open(ModelFinder.FindTiny());
        using var progress = output.Progress();
        var sheet = new PromptSheet("Nexus-Gen for .NET: the small model");
        List<RgbImage> drawn = [];
        foreach (string prompt in Prompts)
        {
            drawn.Add(Keep(await model.GenerateAsync(new GenerateRequest(prompt), progress, cancellationToken), $"drawn-{drawn.Count + 1}.png", "prompt", prompt));
        }

        RgbImage edited = drawn[0];
        for (int i = 0; i < Instructions.Length; i++)
        {
            edited = Keep(
                await model.EditAsync(new EditRequest(edited, Instructions[i]), progress, cancellationToken), $"edited-{i + 1}.png", "instruction", Instructions[i]);
        }

        List<string> answers = [];
        foreach (string question in Questions)
        {
            Reply answer = await model.UnderstandAsync(new UnderstandRequest(question) { Images = [edited] }, progress, cancellationToken);
            answers.Add($"{question} {answer.PlainText.ReplaceLineEndings(" ").Trim()}");
            progress.Pause();
            output.Line(answers[^1]);
        }

        sheet.Add(string.Join(" ", answers), edited);
        File.WriteAllLines(Path.Combine(folder, "described.txt"), answers);
        string file = Path.Combine(folder, "sheet.svg");
        File.WriteAllText(file, sheet.ToSvg(Columns));
        output.Line($"Saved {file}: prompts and pictures at a glance; open it in a browser.");
        return ExitCode.Done;

        RgbImage Keep(Reply reply, string name, string key, string asked)
        {
            progress.Pause();
            if (reply is not PictureReply { Pictures: [DrawnPicture picture, ..] })
            {
                throw new NexusGenException($"The model drew nothing for \"{asked}\", it said: {reply.PlainText.ReplaceLineEndings(" ")}");
            }

            var saver = new PictureSaver(_ => Path.Combine(folder, name), new PictureParameters(key, asked, model.Paths.Root));
            output.Line($"{saver.Save(picture)}: {asked}");
            sheet.Add(asked, picture.Image);
            return picture.Image;
        }
    }
}
