using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Images;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Conversation;

/// <summary>
/// Reads turns line by line and answers each, until the input ends, <c>/quit</c> or Ctrl-C. An error in a turn is reported and
/// the chat continues. If nobody types the input, the exit code reports the error at the end.
/// </summary>
/// <param name="terminal">The standard streams.</param>
/// <param name="output">The command's output.</param>
/// <param name="model">The model.</param>
/// <param name="chat">The conversation.</param>
/// <param name="pictures">Saves the generated images.</param>
/// <param name="start">The settings of every turn.</param>
internal sealed class ChatLoop(
    Terminal terminal, CommandOutput output, NexusGenModel model, Chat chat, ChatImages pictures, ChatInput start)
{
    private static readonly (string Name, string Usage, string About)[] Commands =
    [
        ("/image", "/image FILE", "attach an image to the next message; repeatable"),
        ("/draw", "/draw [TEXT]", "generate a new image"),
        ("/edit", "/edit [TEXT]", "edit the attached image, or the last one"),
        ("/ask", "/ask [TEXT]", "ask about the attached image, or the last one"),
        ("/undo", "/undo", "forget the last turn and its images"),
        ("/save", "/save FILE", "save the last generated image to another file (.png, .jpg, .webp)"),
        ("/seed", "/seed N", "set the seed of the following turns; N may be random"),
        ("/help", "/help", "show this help"),
        ("/quit", "/quit", "end the chat"),
    ];

    private ChatInput _settings = start;
    private ChatInput _next = start;
    private bool _failed;

    /// <summary>Runs the chat until it ends.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        if (terminal.TypesInput)
        {
            output.WriteNote("Type a message; /help lists the commands, /quit ends the chat.");
        }

        while (await ReadLineAsync(cancellationToken) is { } line)
        {
            ChatLine parsed = ChatLine.Parse(line);
            if (parsed.Command == "/quit")
            {
                break;
            }

            try
            {
                await FollowAsync(parsed, cancellationToken);
            }
            catch (NexusGenException e)
            {
                _failed = true;
                _next = _settings;
                output.WriteError(e.Message);
            }
        }

        return _failed && !terminal.TypesInput ? ExitCode.Failed : ExitCode.Success;
    }

    private async Task FollowAsync(ChatLine line, CancellationToken cancellationToken)
    {
        switch (line.Command)
        {
            case "":
                await SendAsync(line.Rest, cancellationToken);
                break;
            case "/image":
                RgbImage attached = ImageFile.Read(Required(line, "/image cat.png"));
                pictures.Remember(attached, line.Rest);
                _next = _next with { Images = [.. _next.Images, attached] };
                break;
            case "/draw":
                await SendAsync(ChatAction.Draw, line.Rest, cancellationToken);
                break;
            case "/edit":
                await SendAsync(ChatAction.Edit, line.Rest, cancellationToken);
                break;
            case "/ask":
                await SendAsync(ChatAction.Ask, line.Rest, cancellationToken);
                break;
            case "/undo":
                output.WriteNote(chat.Undo() is { Input: { } undone }
                    ? $"Forgot \"{undone.Text}\"."
                    : throw new NexusGenException("There is no turn to undo."));
                break;
            case "/save":
                pictures.CopyLast(Required(line, "/save cat.png"));
                output.WriteNote($"Saved {line.Rest}");
                break;
            case "/seed":
                ulong seed = OptionOf.ReadSeed(line.Rest)
                    ?? throw new NexusGenException($"/seed must be {OptionOf.SeedRange}, not '{line.Rest}'.");
                _settings = Seeded(_settings, seed);
                _next = Seeded(_next, seed);
                if (!char.IsAsciiDigit(line.Rest[0]))
                {
                    output.WriteNote($"Seed {seed}");
                }

                break;
            case "/help":
                foreach ((_, string usage, string about) in Commands)
                {
                    terminal.Error.WriteLine($"  {usage,-14} {about}");
                }

                break;
            default:
                string? near = Spelling.Nearest(line.Command, Commands.Select(command => command.Name));
                throw new NexusGenException(
                    $"Unknown command {line.Command}{(near is null ? "" : $"; did you mean {near}?")}; /help lists the "
                    + "commands.");
        }
    }

    private Task SendAsync(ChatAction action, string text, CancellationToken cancellationToken)
    {
        _next = _next with { Action = action };

        // An edit without an image is refused at once, before its text is typed on the next line.
        _ = chat.FindSource(_next);
        return SendAsync(text, cancellationToken);
    }

    // A slash command without text applies to the next line.
    private async Task SendAsync(string text, CancellationToken cancellationToken)
    {
        if (text.Length == 0)
        {
            return;
        }

        using var progress = output.Progress();
        var reader = new ReplyReader(output, progress, pictures.ForTurn(text), showText: true);
        ChatInput input = _next with { Text = text };
        Announce(input);
        Reply reply = await reader.ReadAsync(chat.SendAsync(input, reader, cancellationToken));
        _next = _settings;
        if (chat.Turns[^1].GeneratedImages.LastOrDefault() is { } generated && pictures.LastFile is { } file)
        {
            pictures.Remember(generated, file);
        }

        output.WriteJson(reader.Json(reply), indented: false);
    }

    // Said before the turn is sent: it can be cancelled, and undone afterwards.
    private void Announce(ChatInput input)
    {
        if (chat.FindSource(input) is not { } source || input.Action == ChatAction.Ask)
        {
            return;
        }

        string what = pictures.FileOf(source) ?? "the last image";
        output.WriteNote((input.Action, model.Configuration.NewImageReplies.Count > 0) switch
        {
            (ChatAction.Edit, _) => $"Editing {what}.",
            (_, true) => $"The model sees {what} and may edit it; /draw TEXT generates a new image.",
            _ => $"An image of the reply is an edit of {what}; /draw TEXT generates a new one.",
        });
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        if (terminal.TypesInput)
        {
            output.WriteText("> ");
        }

        // Reading from a console can't be cancelled, so a cancelled chat leaves the read behind on another thread.
        return await Task.Run(terminal.In.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
    }

    private static string Required(ChatLine line, string example) =>
        line.Rest.Length > 0 ? line.Rest : throw new NexusGenException($"{line.Command} requires a file name: {example}.");

    private static ChatInput Seeded(ChatInput input, ulong seed) =>
        input with { Reply = input.Reply with { Seed = seed }, Settings = input.Settings with { Seed = seed } };
}
