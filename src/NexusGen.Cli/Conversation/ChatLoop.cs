using System.Globalization;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Output;
using NexusGen.Cli.Pictures;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Conversation;

/// <summary>
/// Reads turns line by line and answers each, until the input ends, <c>/quit</c> or Ctrl-C. What goes wrong in a turn is told,
/// and the chat goes on; from a file, the exit code tells of it in the end.
/// </summary>
/// <param name="terminal">Where it reads.</param>
/// <param name="output">What it says.</param>
/// <param name="chat">The conversation.</param>
/// <param name="pictures">Where drawn pictures go.</param>
/// <param name="start">The settings of every turn.</param>
internal sealed class ChatLoop(Terminal terminal, CommandOutput output, Chat chat, ChatPictures pictures, ChatInput start)
{
    private static readonly (string Name, string Usage, string About)[] Commands =
    [
        ("/image", "/image FILE", "show the model a picture with the next text; may be given several times"),
        ("/edit", "/edit [TEXT]", "change the last drawn picture as the text says"),
        ("/draw", "/draw [TEXT]", "make the model draw, whatever it would have said"),
        ("/save", "/save FILE", "save the last drawn picture under another name (.png, .jpg, .webp)"),
        ("/seed", "/seed N", "the seed of the turns that follow"),
        ("/help", "/help", "show this"),
        ("/quit", "/quit", "end the chat"),
    ];

    private ChatInput _settings = start;
    private ChatInput _next = start;
    private bool _failed;

    /// <summary>Runs the chat to its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        if (terminal.TypesInput)
        {
            output.Note("Write to the model; /help shows what else there is, /quit ends.");
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
                output.Problem(e.Message);
            }
        }

        return _failed && !terminal.TypesInput ? ExitCode.Failed : ExitCode.Done;
    }

    private async Task FollowAsync(ChatLine line, CancellationToken cancellationToken)
    {
        switch (line.Command)
        {
            case "":
                await SendAsync(line.Rest, cancellationToken);
                break;
            case "/image":
                _next = _next with { Images = [.. _next.Images, ImageFile.Read(Required(line, "/image cat.png"))] };
                break;
            case "/edit":
                _next = chat.LastPicture is null
                    ? throw new NexusGenException("No picture was drawn yet that could be changed; show one by /image.")
                    : _next with { SelectLastPicture = true };
                await SendAsync(line.Rest, cancellationToken);
                break;
            case "/draw":
                _next = _next with { Reply = _next.Reply with { ForceDrawing = true } };
                await SendAsync(line.Rest, cancellationToken);
                break;
            case "/save":
                pictures.CopyLast(Required(line, "/save cat.png"));
                output.Note($"Saved {line.Rest}");
                break;
            case "/seed":
                ulong seed = ulong.TryParse(line.Rest, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
                    ? value
                    : throw new NexusGenException($"/seed takes a whole number from 0 to {ulong.MaxValue}, not '{line.Rest}'.");
                _settings = Seeded(_settings, seed);
                _next = Seeded(_next, seed);
                break;
            case "/help":
                foreach ((_, string usage, string about) in Commands)
                {
                    terminal.Error.WriteLine($"  {usage,-14} {about}");
                }

                break;
            default:
                string? near = Spelling.Nearest(line.Command, Commands.Select(command => command.Name));
                throw new NexusGenException($"There is no {line.Command} here{(near is null ? "" : $"; did you mean {near}?")}; /help shows what there is.");
        }
    }

    // A slash command without a text waits for the next line.
    private async Task SendAsync(string text, CancellationToken cancellationToken)
    {
        if (text.Length == 0)
        {
            return;
        }

        using var progress = output.Progress();
        var reader = new ReplyReader(output, progress, pictures.ForTurn(text), showText: true);
        ChatInput input = _next with { Text = text };
        Reply reply = await reader.ReadAsync(chat.SendAsync(input, reader, cancellationToken));
        _next = _settings;
        output.Json(reader.Json(reply), indented: false);
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        if (terminal.TypesInput)
        {
            output.Piece("> ");
        }

        // Reading from a console can't be cancelled, so it is left behind on a thread of its own.
        return await Task.Run(terminal.In.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
    }

    private static string Required(ChatLine line, string example) =>
        line.Rest.Length > 0 ? line.Rest : throw new NexusGenException($"{line.Command} needs a name of a file: {example}.");

    private static ChatInput Seeded(ChatInput input, ulong seed) =>
        input with { Reply = input.Reply with { Seed = seed }, Picture = input.Picture with { Seed = seed } };
}
