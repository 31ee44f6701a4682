using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using NexusGen.Training.Core;

namespace NexusGen.Training.Distributed;

/// <summary>
/// Ends all ranks if one dies, fails or no longer answers, and tells which one. Every rank has a connection to the first one. The
/// end of a process closes its connection; a machine that is gone is noticed because nothing arrives any more. A collective
/// operation would wait for such a rank forever, and not every launcher ends the others.
/// </summary>
internal sealed class RankWatch : IDisposable
{
    private const byte Beat = 1, Leaving = 2, Failed = 3, End = 4;

    // Nine beats are missing after 45 seconds. They are counted, not timed, so that a suspended machine doesn't miss all at once.
    private const int BeatMilliseconds = 5000, MissingBeats = 9;

    private readonly int _rank;
    private readonly string[] _names;
    private readonly Func<string> _whatRemains;
    private readonly Action<string?> _end;
    private readonly Dictionary<int, Socket> _peers = [];
    private readonly Timer _beats;
    private readonly ManualResetEventSlim _ended = new();
    private int _over;

    private RankWatch(int rank, string[] names, Func<string> whatRemains, Action<string?> end)
    {
        (_rank, _names, _whatRemains, _end) = (rank, names, whatRemains, end);
        _beats = new Timer(_ => SendAll([Beat]));
    }

    /// <summary>Connects the ranks. All of them call this.</summary>
    /// <param name="collectives">The ranks.</param>
    /// <param name="whatRemains">Returns what to tell about the work that is kept, without a full stop.</param>
    /// <param name="end">Ends this process with a sentence, or without one.</param>
    /// <exception cref="TrainingException">The ranks can't be connected.</exception>
    public static RankWatch Start(ICollectives collectives, Func<string> whatRemains, Action<string?> end)
    {
        string[] names = collectives.Gather($"process {Environment.ProcessId} on {Environment.MachineName}");
        var watch = new RankWatch(collectives.Rank, names, whatRemains, end);
        try
        {
            watch.Connect(collectives);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw new TrainingException(
                $"Rank {collectives.Rank} ({names[collectives.Rank]}) can't be connected with rank 0 ({names[0]}): {e.Message}",
                e);
        }

        foreach ((int peer, Socket socket) in watch._peers)
        {
            new Thread(() => watch.Listen(peer, socket)) { IsBackground = true, Name = $"watch {peer}" }.Start();
        }

        watch._beats.Change(BeatMilliseconds, BeatMilliseconds);
        return watch;
    }

    /// <summary>
    /// Ends the other ranks because this one failed. The first rank returns, to tell its own error. On others the first rank
    /// tells the error, unless it has one of its own; this returns only if the first rank doesn't answer.
    /// </summary>
    /// <param name="message">What went wrong, a sentence.</param>
    public void Fail(string message)
    {
        bool known = Interlocked.Exchange(ref _over, 1) != 0;
        if (_rank == 0 && !known)
        {
            SendAll([End]);
            return;
        }

        if (!known)
        {
            byte[] text = Encoding.UTF8.GetBytes(message);
            SendAll([Failed, .. BitConverter.GetBytes(text.Length), .. text]);
        }

        _ended.Wait(TimeSpan.FromSeconds(15));
    }

    /// <summary>Ends the watch because the work is done, and not because of a failure.</summary>
    public void Dispose()
    {
        _beats.Dispose();
        if (Interlocked.Exchange(ref _over, 1) == 0)
        {
            SendAll([Leaving]);
        }

        foreach (Socket socket in _peers.Values)
        {
            socket.Dispose();
        }
    }

    private void Connect(ICollectives collectives)
    {
        const int timeout = 60_000;
        if (_rank > 0)
        {
            string[] told = collectives.Broadcast(null)!.Split('|');
            Socket socket = Open(told[0], told[1].Split(','), int.Parse(told[2], CultureInfo.InvariantCulture));
            socket.Send(Encoding.ASCII.GetBytes($"{told[3]}{_rank:00000000}"));
            _peers.Add(0, socket);
            collectives.Barrier();
            return;
        }

        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, 0));
        listener.Listen(collectives.Size);
        string secret = RandomNumberGenerator.GetHexString(32);
        collectives.Broadcast(
            $"{Environment.MachineName}|{string.Join(',', Addresses())}|{((IPEndPoint)listener.LocalEndPoint!).Port}|{secret}");
        while (_peers.Count < collectives.Size - 1)
        {
            if (!listener.Poll(TimeSpan.FromMilliseconds(timeout), SelectMode.SelectRead))
            {
                throw new IOException($"{collectives.Size - 1 - _peers.Count} ranks didn't connect within a minute.");
            }

            Socket socket = Prepared(listener.Accept());
            byte[] hello = new byte[secret.Length + 8];
            bool known = ReadAll(socket, hello)
                && Encoding.ASCII.GetString(hello, 0, secret.Length) == secret
                && int.TryParse(hello.AsSpan(secret.Length), CultureInfo.InvariantCulture, out int peer)
                && _peers.TryAdd(peer, socket);
            if (!known)
            {
                socket.Dispose();
            }
        }

        collectives.Barrier();
    }

    private static Socket Open(string machine, IEnumerable<string> addresses, int port)
    {
        Exception? failure = null;
        foreach (string address in machine == Environment.MachineName ? addresses.Prepend("127.0.0.1") : addresses)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(IPAddress.Parse(address), port);
                return Prepared(socket);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                failure = e;
            }
        }

        throw new IOException($"{machine} can't be reached: {failure?.Message}", failure);
    }

    private static IEnumerable<string> Addresses() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus != OperationalStatus.Down)
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(address => address.Address)
        .Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))
        .Select(address => address.ToString());

    private static Socket Prepared(Socket socket)
    {
        socket.NoDelay = true;
        socket.ReceiveTimeout = BeatMilliseconds;
        socket.SendTimeout = BeatMilliseconds;
        return socket;
    }

    private static bool ReadAll(Socket socket, Span<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                int read = socket.Receive(bytes);
                if (read == 0)
                {
                    return false;
                }

                bytes = bytes[read..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Listen(int peer, Socket socket)
    {
        byte[] kind = new byte[1];
        int missing = 0;
        while (true)
        {
            try
            {
                if (socket.Receive(kind) == 0)
                {
                    Lose(peer, "died");
                    return;
                }
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                if (++missing == MissingBeats)
                {
                    Lose(peer, "doesn't answer any more");
                    return;
                }

                continue;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                Lose(peer, "died");
                return;
            }

            missing = 0;
            switch (kind[0])
            {
                case Leaving:
                    return;
                case Failed:
                    Receive(peer, socket);
                    return;
                case End:
                    EndWith(null);
                    return;
                default:
                    break;
            }
        }
    }

    private void Receive(int peer, Socket socket)
    {
        byte[] length = new byte[4];
        byte[] text = ReadAll(socket, length) ? new byte[Math.Clamp(BitConverter.ToInt32(length), 0, 1 << 20)] : [];
        string message = ReadAll(socket, text) ? Encoding.UTF8.GetString(text) : "It failed.";

        // If this rank fails in the same way, its own sentence is enough.
        Thread.Sleep(1500);
        Finish($"Rank {peer} ({_names[peer]}) failed: {message.TrimEnd('.')}; {_whatRemains()}.");
    }

    private void Lose(int peer, string how)
    {
        // The first rank is gone: the next one tells it, and if that is gone too, the one after it.
        if (_rank > 0 && _over == 0)
        {
            Thread.Sleep(TimeSpan.FromSeconds(Math.Min(_rank - 1, 5)));
        }

        Finish(_rank > 2 ? null : $"Rank {peer} ({_names[peer]}) {how}; {_whatRemains()}.");
    }

    private void Finish(string? sentence)
    {
        if (Interlocked.Exchange(ref _over, 1) == 0)
        {
            SendAll([End]);
            EndWith(sentence);
        }
    }

    private void EndWith(string? sentence)
    {
        _end(sentence);
        _ended.Set();
    }

    private void SendAll(byte[] message)
    {
        foreach (Socket socket in _peers.Values)
        {
            try
            {
                lock (socket)
                {
                    socket.Send(message);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The one that listens to this rank tells it.
            }
        }
    }
}
