using System.Security.Cryptography;

namespace NexusGen.Server.Scheduling;

/// <summary>
/// Keeps items for later requests for a limited time: images under names that can't be guessed, and responses. The size is
/// limited in bytes; the oldest items are removed first. Thread-safe.
/// </summary>
/// <typeparam name="T">The type of the items.</typeparam>
/// <param name="capacity">The maximum number of bytes.</param>
/// <param name="lifetime">The time that an item is kept.</param>
/// <param name="time">The clock, or null for the system's.</param>
internal class ShortTermStore<T>(long capacity, TimeSpan lifetime, TimeProvider? time = null)
    where T : class
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Dictionary<string, LinkedListNode<Item>> _items = [];
    private readonly LinkedList<Item> _oldestFirst = [];
    private long _bytes;

    /// <summary>Gets the number of bytes of all items.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Creates a name that can't be guessed.</summary>
    /// <param name="prefix">The start of the name.</param>
    public static string NewId(string prefix) => prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    /// <summary>Adds an item, unless it is larger than the capacity.</summary>
    /// <param name="id">The name.</param>
    /// <param name="owner">The owner. Others can't find the item.</param>
    /// <param name="value">The item.</param>
    /// <param name="bytes">The size of the item.</param>
    public void Add(string id, string owner, T value, long bytes)
    {
        lock (_gate)
        {
            DateTimeOffset now = _time.GetUtcNow();
            while (_oldestFirst.First is { } oldest && (_bytes + bytes > capacity || oldest.Value.Until <= now))
            {
                Remove(oldest);
            }

            if (bytes <= capacity)
            {
                _items[id] = _oldestFirst.AddLast(new Item(id, owner, value, bytes, now + lifetime));
                _bytes += bytes;
            }
        }
    }

    /// <summary>Returns an item, or null if it doesn't exist any more, never did, or has another owner.</summary>
    public T? Find(string id, string owner)
    {
        lock (_gate)
        {
            return _items.TryGetValue(id, out LinkedListNode<Item>? node)
                && node.Value.Owner == owner
                && node.Value.Until > _time.GetUtcNow()
                    ? node.Value.Value
                    : null;
        }
    }

    /// <summary>Removes an item.</summary>
    /// <returns>true if it existed; otherwise, false.</returns>
    public bool Forget(string id, string owner)
    {
        lock (_gate)
        {
            if (!_items.TryGetValue(id, out LinkedListNode<Item>? node) || node.Value.Owner != owner)
            {
                return false;
            }

            Remove(node);
            return true;
        }
    }

    private void Remove(LinkedListNode<Item> node)
    {
        _oldestFirst.Remove(node);
        _items.Remove(node.Value.Id);
        _bytes -= node.Value.Bytes;
    }

    private sealed record Item(string Id, string Owner, T Value, long Bytes, DateTimeOffset Until);
}
